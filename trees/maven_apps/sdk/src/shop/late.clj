(ns shop.late (:import (com.amazonaws.services.kms.model KeyMetadata)))
(defn answer [] (str (.withKeyId (KeyMetadata.) "k1")))
