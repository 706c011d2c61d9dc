// Package lograte keeps a component from filling the log with the same line.
package lograte

import (
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// OncePerMinute returns a logger that writes a message once a minute at most; other messages are not held back by it.
func OncePerMinute(logger *zap.Logger) *zap.Logger {
	return logger.WithOptions(zap.WrapCore(func(c zapcore.Core) zapcore.Core { return zapcore.NewSamplerWithOptions(c, time.Minute, 1, 0) }))
}
