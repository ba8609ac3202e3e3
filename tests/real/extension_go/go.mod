module spy

go 1.21
