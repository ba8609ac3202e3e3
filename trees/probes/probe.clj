;; Uses (use_), wrong uses (bad_) and features beside (new_) of Java and Clojure, one an event.
(require '[clojure.pprint :as pprint] '[clojure.set :as set] '[clojure.string :as string])
(import '(java.io ByteArrayInputStream ByteArrayOutputStream)
        '(java.net HttpURLConnection URL)
        '(java.util.zip GZIPInputStream GZIPOutputStream))

(def invocation
  (str "http://" (System/getenv "AWS_LAMBDA_RUNTIME_API") "/2018-06-01/runtime/invocation/"))

(defn hex [bytes] (string/join (map #(format "%02x" %) bytes)))
(defn bytes-of [text] (.getBytes ^String text "UTF-8"))
(defn late [form] (eval (read-string form)))

(def probes
  {"use_sum" #(reduce + (map (fn [n] (* n n)) (range 10)))
   "use_print" #(string/trim (with-out-str (pprint/pprint {:a [1 2] :b (set/union #{1} #{2})})))
   "use_digest" #(hex (.digest (java.security.MessageDigest/getInstance "SHA-256") (bytes-of "a")))
   "use_zip" #(let [out (ByteArrayOutputStream.)]
                (with-open [zip (GZIPOutputStream. out)] (.write zip ^bytes (bytes-of "text")))
                (slurp (GZIPInputStream. (ByteArrayInputStream. (.toByteArray out)))))
   "bad_number" #(Long/parseLong "x")
   "bad_place" #(nth [1 2] 5)
   "bad_class" #(Class/forName "no.such.Thing")
   "bad_zip" #(slurp (GZIPInputStream. (ByteArrayInputStream. (bytes-of "no zip"))))
   "bad_digest" #(java.security.MessageDigest/getInstance "NOPE")
   "bad_cast" #(+ 1 (identity "one"))
   "bad_file" #(slurp "/nowhere/at/all")
   "bad_zone" #(java.time.ZoneId/of "Mars/Base")
   "bad_form" #(read-string "(1 2")
   "bad_format" #(format "%d" "one")
   "new_signature" #(let [pair (.generateKeyPair (java.security.KeyPairGenerator/getInstance "EC"))]
                      (count (str (.getAlgorithm (.getPublic pair)))))
   "new_zone" #(str (java.time.ZonedDateTime/of 2026 7 1 12 0 0 0
                      (java.time.ZoneId/of "Europe/Berlin")))
   "new_number" #(.format (java.text.NumberFormat/getInstance java.util.Locale/GERMANY) 1234567.5)
   "new_tls" #(.getProtocol (javax.net.ssl.SSLContext/getDefault))
   "new_log" #(str (.getLevel (java.util.logging.Logger/getLogger "")))
   "new_xml" #(late "(do (require 'clojure.xml) (:tag (clojure.xml/parse (java.io.ByteArrayInputStream. (.getBytes \"<a/>\")))))")
   "new_charset" #(hex (.getBytes "abc" "IBM037"))
   "new_spec" #(late "(do (require 'clojure.spec.alpha) (clojure.spec.alpha/valid? int? 1))")
   "new_certificates" #(pos? (.size (doto (java.security.KeyStore/getInstance "PKCS12") (.load nil nil))))
   "new_picture" #(late "(count (javax.imageio.ImageIO/getReaderFormatNames))")})

(defn json [text]
  (str "\"" (string/escape (str text) {\" "\\\"" \\ "\\\\" \newline "\\n" \tab "\\t"}) "\""))

(defn connect ^HttpURLConnection [path] (.openConnection (URL. (str invocation path))))

(defn answered [event]
  (try
    ["/response" (json ((probes (second (re-find #"\"do\": *\"(\w+)\"" event)))))]
    (catch Throwable error
      ["/error" (str "{\"errorType\":" (json (.getName (class error)))
                     ",\"errorMessage\":" (json (string/join "; " (map str (take-while some? (iterate #(.getCause ^Throwable %) error))))) "}")])))

(loop []
  (let [asked (connect "next")
        event (slurp (.getInputStream asked))
        id (.getHeaderField asked "Lambda-Runtime-Aws-Request-Id")
        [path said] (answered event)
        answer (connect (str id path))]
    (.setRequestMethod answer "POST")
    (.setDoOutput answer true)
    (with-open [out (.getOutputStream answer)] (.write out ^bytes (bytes-of said)))
    (slurp (.getInputStream answer)))
  (recur))
