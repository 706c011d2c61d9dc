package compare

// numbers are those of the changes of a diff, by the pair of groups and the measure that they are about; one more than they are, 0: none.
type numbers [][tested]int32

// numbered finds the changes that were found on so many pairs.
func numbered(changes []Change, pairs int) numbers {
	n := make(numbers, pairs)
	for i := range changes {
		n[changes[i].pair][changes[i].Measure.family()] = int32(i + 1)
	}
	return n
}

// of is the number of the change of a pair.
func (n numbers) of(pair int, m Measure) (number int, ok bool) {
	at := n[pair][m.family()]
	return int(at) - 1, at > 0
}
