package consoleextension

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/extension"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/console"
)

// consoleExtension serves the routes that components register.
type consoleExtension struct {
	*routes
	config    *Config
	telemetry component.TelemetrySettings
	server    *http.Server
	address   net.Addr      // where it listens, once started
	served    chan struct{} // closed when the server has ended
}

var (
	_ extension.Extension = (*consoleExtension)(nil)
	_ console.Router      = (*consoleExtension)(nil)
)

func newExtension(config *Config, version string, built fs.FS, telemetry component.TelemetrySettings) (*consoleExtension, error) {
	pages, err := newPages(built)
	if err != nil {
		return nil, err
	}
	routes := newRoutes(profile{
		version: version, traceURL: string(config.TraceURL), title: config.Title, public: len(config.Serve) > 0, pages: pages,
	})
	return &consoleExtension{routes: routes, config: config, telemetry: telemetry}, nil
}

// Start begins to listen. Components register later, so what comes before they do is answered with 404.
func (e *consoleExtension) Start(ctx context.Context, host component.Host) error {
	listener, err := e.config.ToListener(ctx)
	if err != nil {
		return fmt.Errorf("the console cannot listen; set extensions::console::endpoint to a free address: %w", err)
	}
	machine, err := os.Hostname()
	if err != nil {
		e.telemetry.Logger.Warn("The name of the machine is not known, so that the console does not answer to it", zap.Error(err))
	}
	protected, err := e.protect(newHosts(e.config, listener.Addr(), machine).protect(e.routes))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	e.server, err = e.config.ToServer(ctx, host.GetExtensions(), e.telemetry, protected, confighttp.WithErrorHandler(e.refuse))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	e.server.Handler, e.server.MaxHeaderBytes = harmless(e.server.Handler), mostHeader
	if e.config.open() && len(e.config.Serve) == 0 {
		e.telemetry.Logger.Warn("The console is reachable from other machines without authentication; set auth, or an endpoint on localhost",
			zap.String("endpoint", e.config.NetAddr.Endpoint))
	}
	e.address, e.served = listener.Addr(), make(chan struct{})
	e.telemetry.Logger.Info("The console listens", zap.Stringer("address", e.address), zap.Bool("tls", e.config.TLS.HasValue()))
	go func() {
		defer close(e.served)
		if err := e.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	}()
	return nil
}

// refuse answers a request that came no further than confighttp. What an authenticator found wrong is for the log: it may name the issuer, or say
// which half of a password was right.
func (e *consoleExtension) refuse(w http.ResponseWriter, _ *http.Request, message string, status int) {
	if status == http.StatusUnauthorized {
		e.telemetry.Logger.Debug("A request was not authenticated", zap.String("reason", message))
		// Without this header a browser does not ask for a password.
		w.Header().Set("WWW-Authenticate", challengeOf(e.config.Auth.Get().AuthenticatorID.Type()))
		message = "who you are must be known here"
	}
	console.Refuse(w, status, message)
}

// challengeOf is how to log in.
func challengeOf(authenticator component.Type) string {
	if authenticator == component.MustNewType("basicauth") {
		return `Basic realm="Assay", charset="UTF-8"`
	}
	return "Bearer"
}

// harmless tells browsers to take answers for nothing but data, refusals too.
func harmless(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// protect refuses what a page of another origin makes a browser send. Without CORS such a page cannot read answers in any case.
func (e *consoleExtension) protect(next http.Handler) (http.Handler, error) {
	origin := http.NewCrossOriginProtection()
	message := "refused: the request comes from a page of another origin"
	if len(e.config.Serve) == 0 {
		message += "; allow it in cors::allowed_origins"
	}
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		console.Refuse(w, http.StatusForbidden, message)
	}))
	if e.config.CORS.HasValue() {
		for i, allowed := range e.config.CORS.Get().AllowedOrigins {
			if err := origin.AddTrustedOrigin(allowed); err != nil {
				return nil, fmt.Errorf("cors::allowed_origins::%d: %w", i, err)
			}
		}
	}
	return origin.Handler(next), nil
}

// Shutdown lets running requests end, for as long as ctx allows.
func (e *consoleExtension) Shutdown(ctx context.Context) error {
	if e.server == nil {
		return nil
	}
	err := e.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, e.server.Close())
	}
	if e.served != nil {
		<-e.served
	}
	return err
}
