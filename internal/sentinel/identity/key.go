package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// MinSecret is the least length of a secret, in bytes.
const MinSecret = 16

// generation is part of every label: see the package comment.
const generation = "assay sentinel 1 "

// SignatureSize is the length of a signature in bytes.
const SignatureSize = 16

// Key makes and recognises the ids of one secret. It is safe for concurrent use.
type Key struct {
	trace, tag, pad, seed cipher.Block
	signature             []byte
	fingerprint           string
}

// NewKey derives a key from a secret of at least MinSecret bytes.
func NewKey(secret string) (*Key, error) {
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("key: must be a secret of at least %d bytes, got %d; make one with: openssl rand -hex 16", MinSecret, len(secret))
	}
	k := &Key{}
	for _, use := range []struct {
		label  string
		cipher *cipher.Block
	}{{"trace id", &k.trace}, {"span id tag", &k.tag}, {"span id pad", &k.pad}, {"content", &k.seed}} {
		derived, err := derive(secret, use.label, 16)
		if err != nil {
			return nil, err
		}
		if *use.cipher, err = aes.NewCipher(derived); err != nil {
			return nil, fmt.Errorf("key: %s: %w", use.label, err)
		}
	}
	var err error
	if k.signature, err = derive(secret, "signature", sha256.Size); err != nil {
		return nil, err
	}
	tells, err := derive(secret, "fingerprint", 4)
	k.fingerprint = hex.EncodeToString(tells)
	return k, err
}

func derive(secret, label string, length int) ([]byte, error) {
	derived, err := hkdf.Key(sha256.New, []byte(secret), nil, generation+label, length)
	if err != nil {
		return nil, fmt.Errorf("key: %s: %w", label, err)
	}
	return derived, nil
}

// Fingerprint tells keys apart, 8 hexadecimal digits, and says nothing of the secret.
func (k *Key) Fingerprint() string { return k.fingerprint }

// String is safe to log.
func (k *Key) String() string { return "sentinel key " + k.fingerprint }

// Sign proves that a holder of the key wrote the message: HMAC-SHA256, the first SignatureSize bytes.
func (k *Key) Sign(message []byte) [SignatureSize]byte {
	mac := hmac.New(sha256.New, k.signature)
	_, _ = mac.Write(message)
	return [SignatureSize]byte(mac.Sum(nil))
}

// Verify says whether the signature is that of the message, in constant time.
func (k *Key) Verify(message, signature []byte) bool {
	want := k.Sign(message)
	return hmac.Equal(want[:], signature)
}
