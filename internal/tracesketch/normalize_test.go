package tracesketch

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNormalizeName(t *testing.T) {
	cases := []struct{ name, want string }{
		{"", ""},
		{"GET /", "GET /"},
		{"hipstershop.CartService/GetCart", "hipstershop.CartService/GetCart"},
		{"SELECT users", "SELECT users"},

		// What identifies one request goes.
		{"GET /cart/8f3c2a91d0/item/42", "GET /cart/*/item/*"},
		{"/user/123e4567-e89b-12d3-a456-426614174000", "/user/*"},
		{"/user/123E4567-E89B-12D3-A456-426614174000/edit", "/user/*/edit"},
		{"/user/deadbeef-cafe-babe-face-facefacefeed/x", "/user/*/x"},
		{"/deadbeef-cafe-babe-face-facefacefeedxyz", "/deadbeef-cafe-babe-face-facefacefeedxyz"},
		{"DELETE /objects/da39a3ee5e6b4b0d3255bfef95601890afd80709", "DELETE /objects/*"},
		{"GET /files/aGVsbG8gd29ybGQhISEh12345", "GET /files/*"},
		{"poll 2024-11-21T10:11:12", "poll *-21T10:*:*"}, // a 'T' within keeps the day apart: rare, and harmless
		{"GET 10.0.0.1:8080", "GET *.*.*.*:*"},
		{"https://shop.example/cart?user=7&x=y", "https://shop.example/cart"},
		{"/search?q=shoes", "/search"},
		{"topic-00017", "topic-*"},
		{"shard_12", "shard_*"},

		// Words and versions stay.
		{"v1", "v1"},
		{"/api/v2/users", "/api/v2/users"},
		{"http2", "http2"},
		{"HTTP/1.1", "HTTP/*.*"},
		{"cafe", "cafe"},
		{"/added/face/decade", "/added/face/decade"},
		{"defaced", "defaced"},
		{"utf8 decode", "utf8 decode"},
		{"b2b", "b2b"},
		{"s3.PutObject", "s3.PutObject"},
		{"ec2.DescribeInstances", "ec2.DescribeInstances"},
		{"sha256", "sha256"},
		{"is it slow?", "is it slow?"},
		{"what? a=b", "what? a=b"},

		// Only ASCII letters and digits make a token; everything else is kept as it is, byte for byte.
		{"日本語", "日本語"},
		{"注文/42", "注文/*"},
		{"\xff\xfe12", "\xff\xfe*"},
		{"naïve 7", "naïve *"},
		{"\x00", "\x00"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, NormalizeName(c.name)) })
	}
}

// Raw URLs of any number of requests come down to a handful of names.
func TestNormalizeNameFoldsURLs(t *testing.T) {
	seen := map[string]bool{}
	for i := range uint64(20_000) {
		id := mix(i + 1)
		seen[NormalizeName(strings.Join([]string{
			"GET https://shop.example", hex(id), "orders", decimal(i), uuid(id, mix(id)),
		}, "/")+"?session="+hex(id))] = true
	}
	assert.Len(t, seen, 1)
}

func TestNormalizeNameDoesNotAllocateForPlainNames(t *testing.T) {
	for _, name := range []string{"GET /api/users", "hipstershop.CartService/GetCart", "is it slow?"} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { NormalizeName(name) }), name)
	}
}

func FuzzNormalizeName(f *testing.F) {
	for _, s := range []string{"", "GET /cart/8f3c2a91d0/item/42?x=1", "a-12-34-b", "*-12", "-1-", "12345678-", "\xff1", "?=/", "/?a=1?b=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		once := NormalizeName(name)
		require.LessOrEqual(t, len(once), len(name))
		require.Equal(t, once, NormalizeName(once), "normal already")
		if utf8.ValidString(name) {
			require.True(t, utf8.ValidString(once))
		}
	})
}

func uuid(a, b uint64) string {
	return hex(a)[:8] + "-" + hex(a)[8:12] + "-" + hex(a)[12:] + "-" + hex(b)[:4] + "-" + hex(b)[4:]
}

func hex(v uint64) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 16)
	for i := range b {
		b[i] = digits[v>>(4*i)&15]
	}
	return string(b)
}

func decimal(v uint64) string {
	s := string(rune('0' + v%10))
	for v /= 10; v > 0; v /= 10 {
		s = string(rune('0'+v%10)) + s
	}
	return s
}
