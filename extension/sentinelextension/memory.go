package sentinelextension

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/assayhq/assay/internal/sentinel/watch"
)

// stateKey is under what all is saved.
const stateKey = "state"

// memory keeps a watch's state in a storage extension.
type memory struct{ storage.Client }

var _ watch.Memory = memory{}

// Load implements watch.Memory.
func (m memory) Load(ctx context.Context) ([]byte, error) { return m.Get(ctx, stateKey) }

// Save implements watch.Memory.
func (m memory) Save(ctx context.Context, state []byte) error { return m.Set(ctx, stateKey, state) }

// openMemory finds the storage extension and opens it.
func (e *sentinelExtension) openMemory(ctx context.Context, host component.Host) (*memory, error) {
	found, ok := host.GetExtensions()[*e.config.Storage]
	if !ok {
		return nil, fmt.Errorf("storage: there is no extension %q; add it to service::extensions", e.config.Storage)
	}
	extension, ok := found.(storage.Extension)
	if !ok {
		return nil, fmt.Errorf("storage: extension %q stores nothing for others; name one such as file_storage", e.config.Storage)
	}
	client, err := extension.GetClient(ctx, component.KindExtension, e.settings.ID, "")
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	return &memory{client}, nil
}
