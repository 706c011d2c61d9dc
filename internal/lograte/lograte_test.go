package lograte

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

func TestOncePerMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zapcore.InfoLevel)
		logger := OncePerMinute(zap.New(core))
		for range 3 {
			logger.Warn("lost", zap.Int("spans", 1))
		}
		logger.Warn("refused")
		assert.Equal(t, 2, logs.Len())
		<-time.After(time.Minute + time.Second)
		logger.Warn("lost")
		assert.Equal(t, 3, logs.Len())
	})
}
