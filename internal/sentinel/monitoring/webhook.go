package monitoring

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// Notification is what a message that Alertmanager sends to a webhook says of one rule.
type Notification struct {
	Receiver string
	Alert    string // its name
	Firing   bool   // false: it is over
}

// maxNotification bounds a message.
const maxNotification = 1 << 20

// Webhook takes Alertmanager's messages (version 4) and hands on what they say of each rule.
func Webhook(notified func(Notification)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "POST a message of Alertmanager here", http.StatusMethodNotAllowed)
			return
		}
		var message struct {
			Version  string `json:"version"`
			Receiver string `json:"receiver"`
			Alerts   []struct {
				Status string            `json:"status"`
				Labels map[string]string `json:"labels"`
			} `json:"alerts"`
		}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxNotification)).Decode(&message); err != nil {
			http.Error(w, "not a message of Alertmanager: "+err.Error(), http.StatusBadRequest)
			return
		}
		if message.Version != "4" {
			http.Error(w, "version: must be 4, that of Alertmanager's webhook messages", http.StatusBadRequest)
			return
		}
		firing := map[string]bool{} // by name: while one alert of a rule fires, the rule does
		for _, a := range message.Alerts {
			name := a.Labels["alertname"]
			firing[name] = firing[name] || a.Status == "firing"
		}
		for _, name := range slices.Sorted(maps.Keys(firing)) {
			notified(Notification{Receiver: message.Receiver, Alert: name, Firing: firing[name]})
		}
	})
}
