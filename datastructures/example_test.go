package datastructures_test

import (
	"cmp"
	"fmt"

	"github.com/retort-go/retort/datastructures"
)

func ExampleAccept_BestMatch() {
	accept := datastructures.ParseMIMEAccept("text/*;q=0.5, application/json")
	fmt.Println(accept.BestMatch("text/html", "application/json"))
	fmt.Println(cmp.Or(accept.BestMatch("image/png"), "nothing fits"))
	// Output:
	// application/json
	// nothing fits
}

func ExampleLanguageAccept_BestMatch() {
	accept := datastructures.ParseLanguageAccept("de-AT, en;q=0.8")
	fmt.Println(accept.BestMatch("en-GB", "de"))
	// Output: de
}

func ExampleRange_ForLength() {
	r, _ := datastructures.ParseRange("bytes=-500")
	fmt.Println(r.ForLength(2000))
	// Output: 1500 2000 true
}

func ExampleSecureFilename() {
	fmt.Println(datastructures.SecureFilename("../../My café.txt"))
	fmt.Println(cmp.Or(datastructures.SecureFilename("☃"), "unnamed"))
	// Output:
	// My_cafe.txt
	// unnamed
}

func ExampleMultiDict() {
	var d datastructures.MultiDict
	d.Add("tag", "go")
	d.Add("tag", "flask")
	d.Add("page", "two")
	fmt.Println(d.Get("tag"), d.GetList("tag"), d.Int("page", 1))
	// Output: go [go flask] 1
}
