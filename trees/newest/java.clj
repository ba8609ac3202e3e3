;; What a function does with Java's own library; prints one line for each.
(import '(java.net.http HttpClient) '(java.time ZonedDateTime ZoneId Instant)
        '(java.security MessageDigest KeyPairGenerator) '(javax.net.ssl SSLContext)
        '(java.util.concurrent Executors Callable) '(javax.xml.parsers DocumentBuilderFactory)
        '(java.io ByteArrayInputStream) '(java.text NumberFormat) '(java.util Locale)
        '(java.sql Timestamp) '(java.util.logging Logger) '(java.lang.management ManagementFactory))
(def features
  [["collections" #(reduce + (map inc (filter even? (range 100))))]
   ["regex" #(re-find #"(\d+)-(\d+)" "a12-34")]
   ["threads" #(let [pool (Executors/newFixedThreadPool 2)]
                 (try (.get (.submit pool ^Callable (fn [] 42))) (finally (.shutdown pool))))]
   ["virtual" #(let [pool (Executors/newVirtualThreadPerTaskExecutor)]
                 (try (.get (.submit pool ^Callable (fn [] 43))) (finally (.shutdown pool))))]
   ["http" #(str (.version (.build (HttpClient/newBuilder))))]
   ["tls" #(.getProtocol (SSLContext/getDefault))]
   ["ec" #(.getAlgorithm (.getPublic (.generateKeyPair (KeyPairGenerator/getInstance "EC"))))]
   ["hash" #(apply str (map (fn [b] (format "%02x" b)) (take 4 (.digest (MessageDigest/getInstance "SHA-256") (.getBytes "x")))))]
   ["zones" #(str (ZonedDateTime/ofInstant Instant/EPOCH (ZoneId/of "Europe/Berlin")))]
   ["xml" #(.getTextContent (.getDocumentElement (.parse (.newDocumentBuilder (DocumentBuilderFactory/newInstance)) (ByteArrayInputStream. (.getBytes "<a>x</a>")))))]
   ["numbers" #(.format (NumberFormat/getInstance (Locale. "de" "DE")) 1234.5)]
   ["charsets" #(count (.getBytes "日本" "Shift_JIS"))]
   ["sql" #(str (.getTime (Timestamp. 0)))]
   ["logging" #(.getName (Logger/getLogger "x"))]
   ["management" #(pos? (.getUptime (ManagementFactory/getRuntimeMXBean)))]
   ["proxy" #(.compare (proxy [java.util.Comparator] [] (compare [a b] (int (- a b)))) 3 1)]
   ["eval" #(eval '(let [x 6] (* x 7)))]
   ["error" #(throw (ex-info "raised" {:a 1}))]])
(doseq [[name feature] features]
  (println name (try (str (feature)) (catch clojure.lang.ExceptionInfo e (str (ex-message e) (ex-data e))))))
(shutdown-agents)
(System/exit 0)
