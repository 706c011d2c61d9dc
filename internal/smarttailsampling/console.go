package smarttailsampling

import (
	"errors"
	"fmt"
	"strconv"

	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/smarttailsampling/api"
	"github.com/assayhq/assay/internal/tailsampling"
)

// answering is what the console asks.
type answering struct {
	*tailsampling.Engine
	sampler *Sampler
}

var _ api.Sampler = answering{}

// Warnings are what is probably not as it is meant to be: in the configuration, and as the engine's state shows it.
func (a answering) Warnings() []string {
	s := a.Stats()
	return append(a.sampler.advices(), noticed(&s)...)
}

// maxNamesakes is how many samplers of one id the console tells apart: a pipeline each.
const maxNamesakes = 100

// register has the console serve what is known of decisions. Without a console there is nobody to ask. The collector makes a sampler for
// each pipeline that names the processor: the second one answers as ID/2, or as ID/NAME/2, and so on.
func (s *Sampler) register(host component.Host) (func(), error) {
	router, err := console.Find(host.GetExtensions(), s.config.Console)
	if err != nil || router == nil {
		return func() {}, err
	}
	routes := api.Routes(answering{s.engine, s})
	id := s.owner.ID
	for n := 2; ; n++ {
		remove, err := router.Register(id, routes)
		if err == nil {
			if id != s.owner.ID {
				s.logger.Info("Another sampler of this name answers on the console already: this one, of another pipeline, answers with ?component="+id.String(),
					zap.Stringer("component", id))
			}
			return remove, nil
		}
		if !errors.Is(err, console.ErrRegistered) || n > maxNamesakes {
			return nil, err
		}
		id = namesake(s.owner.ID, n)
	}
}

func namesake(id component.ID, n int) component.ID {
	if id.Name() == "" {
		return component.NewIDWithName(id.Type(), strconv.Itoa(n))
	}
	return component.NewIDWithName(id.Type(), fmt.Sprintf("%s/%d", id.Name(), n))
}
