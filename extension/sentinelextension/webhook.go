package sentinelextension

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
)

// webhook is the server that Alertmanager notifies.
type webhook struct {
	server  *http.Server
	address net.Addr
	served  chan struct{} // closed when the server has ended
}

// listen begins to take notifications.
func (e *sentinelExtension) listen(ctx context.Context, host component.Host, handler http.Handler) (*webhook, error) {
	config := &e.config.Alertmanager.Get().Webhook
	listener, err := config.ToListener(ctx)
	if err != nil {
		return nil, fmt.Errorf("alertmanager::webhook: cannot listen; set endpoint to a free address: %w", err)
	}
	server, err := config.ToServer(ctx, host.GetExtensions(), e.settings.TelemetrySettings, handler)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("alertmanager::webhook: %w", err), listener.Close())
	}
	h := &webhook{server: server, address: listener.Addr(), served: make(chan struct{})}
	e.settings.Logger.Info("The sentinel listens for notifications of Alertmanager", zap.Stringer("address", h.address))
	go func() {
		defer close(h.served)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	}()
	return h, nil
}

// shutdown lets running requests end, for as long as ctx allows.
func (h *webhook) shutdown(ctx context.Context) error {
	err := h.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, h.server.Close())
	}
	<-h.served
	return err
}
