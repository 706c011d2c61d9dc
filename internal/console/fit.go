package console

import "encoding/json"

// Fit is the beginning of a list that has at most so many bytes as JSON. Names come from spans: how long they are, and how much longer when
// they are escaped, is known only once they are written.
func Fit[T any](list []T, most int) []T {
	size := 0
	for i := range list {
		one, err := json.Marshal(&list[i])
		if size += len(one) + 1; err != nil || size > most {
			return list[:i]
		}
	}
	return list
}
