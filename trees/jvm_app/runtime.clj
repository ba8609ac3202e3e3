;; A function with nothing beside it but Clojure: asks for events, and answers what it computes.
(require '[clojure.pprint :as pprint]
         '[clojure.set :as set]
         '[clojure.spec.alpha :as spec]
         '[clojure.string :as string])
(import '(java.io ByteArrayInputStream ByteArrayOutputStream)
        '(java.net HttpURLConnection URL)
        '(java.security KeyPairGenerator MessageDigest Signature)
        '(java.sql Timestamp)
        '(java.text NumberFormat)
        '(java.time ZoneId ZonedDateTime)
        '(java.util Locale)
        '(java.util.logging Level Logger)
        '(java.util.zip GZIPInputStream GZIPOutputStream)
        '(javax.net.ssl SSLContext))

(def invocation
  (str "http://" (System/getenv "AWS_LAMBDA_RUNTIME_API") "/2018-06-01/runtime/invocation/"))

(defn connect ^HttpURLConnection [path]
  (.openConnection (URL. (str invocation path))))

(defn hex [bytes]
  (string/join (map #(format "%02x" %) bytes)))

(defn signed? [text]
  (let [pair (.generateKeyPair (KeyPairGenerator/getInstance "EC"))
        data (.getBytes text "UTF-8")
        made (doto (Signature/getInstance "SHA256withECDSA")
               (.initSign (.getPrivate pair))
               (.update data))
        read (doto (Signature/getInstance "SHA256withECDSA")
               (.initVerify (.getPublic pair))
               (.update data))]
    (.verify read (.sign made))))

(defn zipped-and-back [text]
  (let [out (ByteArrayOutputStream.)]
    (with-open [zip (GZIPOutputStream. out)] (.write zip (.getBytes text "UTF-8")))
    (slurp (GZIPInputStream. (ByteArrayInputStream. (.toByteArray out))))))

(defn computed [event]
  (.log (Logger/getLogger "function") Level/FINE "an event")
  {"clojure" (clojure-version)
   "java" (System/getProperty "java.home")
   "sum" (reduce + (map #(* % %) (range 10)))
   "set" (string/join "," (sort (set/union #{1 2} #{3})))
   "printed" (string/trim (with-out-str (pprint/pprint {:a [1 2]})))
   "valid" (spec/valid? (spec/coll-of int?) [1 2])
   "digest" (hex (.digest (MessageDigest/getInstance "SHA-256") (.getBytes event "UTF-8")))
   "signed" (signed? event)
   "same" (= event (zipped-and-back event))
   "number" (.format (NumberFormat/getInstance Locale/US) 1234567.5)
   "noon" (str (ZonedDateTime/of 2026 7 1 12 0 0 0 (ZoneId/of "Europe/Berlin")))
   "epoch" (.getTime (Timestamp/valueOf "1970-01-01 00:00:01"))
   "tls" (string/join " " (.getProtocols (.getSupportedSSLParameters (SSLContext/getDefault))))})

(defn json [found]
  (str "{" (string/join "," (for [[k v] (sort found)] (str (pr-str k) ":" (pr-str v)))) "}"))

(loop []
  (let [asked (connect "next")
        event (slurp (.getInputStream asked))
        id (.getHeaderField asked "Lambda-Runtime-Aws-Request-Id")
        answer (connect (str id "/response"))]
    (.setRequestMethod answer "POST")
    (.setDoOutput answer true)
    (with-open [out (.getOutputStream answer)]
      (.write out (.getBytes (json (computed event)) "UTF-8")))
    (slurp (.getInputStream answer)))
  (recur))
