(ns fn.handler
  (:require [clojure.data.json :as json]
            [clojure.java.io :as io])
  (:import (fn Shapes))
  (:gen-class
   :name fn.Handler
   :implements [com.amazonaws.services.lambda.runtime.RequestStreamHandler]))

(defn -handleRequest [_ in out _]
  (let [{:keys [name sizes]} (json/read (io/reader in) :key-fn keyword)]
    (with-open [writer (io/writer out)]
      (json/write {:url (Shapes/url name) :largest (apply max sizes)} writer))))
