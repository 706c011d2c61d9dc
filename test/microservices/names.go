package microservices

// nameOf is what the n-th operation of a layer is called: in each layer otherwise, as layers may share a service.
func nameOf(layer, n int) string {
	switch layer {
	case 0:
		return word(n, "/", "GET /v1/home", "POST /v2/search", "GET /v1/item", "POST /v2/cart", "GET /v1/checkout", "POST /v2/login")
	case Layers - 1:
		return word(n, "_", "SELECT goods", "INSERT orders", "GET session", "HMSET basket")
	case 1:
		return word(n, "_", "Reserve", "Render", "Charge", "Ship", "Quote", "Notify", "Review", "Sign")
	}
	return word(n, "_", "Find", "List", "Update", "Load", "Rank", "Count", "Match", "Check")
}

// word is the n-th of any number of different names. Where there are more than words, letters are joined to them.
func word(n int, joint string, of ...string) string {
	if n < len(of) {
		return of[n]
	}
	return of[n%len(of)] + joint + letters(n/len(of)-1)
}

// letters is a, b, ..., z, ba, bb: what is drawn may have no digits in its name, which would be taken for those of an id.
func letters(n int) string {
	if n < 26 {
		return string(rune('a' + n))
	}
	return letters(n/26) + string(rune('a'+n%26))
}
