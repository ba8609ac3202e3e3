(ns shop.core
  (:require [clojure.data.json :as json] [clojure.tools.logging :as log] [clojure.string :as str])
  (:import (com.amazonaws.services.s3 AmazonS3ClientBuilder)
           (com.amazonaws.services.dynamodbv2.document Item ItemUtils)
           (com.amazonaws.auth BasicAWSCredentials AWSStaticCredentialsProvider)
           (java.util Date))
  (:gen-class))
(load "helper")
(defn -main [& args]
  (let [s3 (-> (AmazonS3ClientBuilder/standard) (.withRegion "eu-west-1")
               (.withCredentials (AWSStaticCredentialsProvider. (BasicAWSCredentials. "AKID" "SECRET"))) (.build))
        url (.generatePresignedUrl s3 "bucket" "key" (Date. (+ (System/currentTimeMillis) 3600000)))]
    (log/info "presigned" (.getHost url))
    (println (json/write-str {:host (.getHost url) :path (.getPath url)
                              :item (str/join "," (map key (.asMap (helped (first args)))))}))
    (println (str (ItemUtils/toAttributeValues (helped "k"))))
    (println (require 'shop.late) ((resolve 'shop.late/answer)))
    (println (try ((requiring-resolve 'clojure.pprint/cl-format) nil "~R" 42) (catch Exception e (str e))))
    (try (.listBuckets s3) (catch Exception e (println (.getSimpleName (class e)))))))
