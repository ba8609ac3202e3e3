(in-ns 'shop.core)
(defn helped [k] (-> (Item.) (.withPrimaryKey "id" (or k "none")) (.withInt "n" 3)))
