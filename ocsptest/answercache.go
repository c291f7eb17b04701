package ocsptest

import "github.com/ocsplab/ocsplab/fakeca"

// How many answers are kept. A test that asks for more makes them again.
const answersKept = 16384

// A keptAnswer is an answer to a request without a nonce.
type keptAnswer struct {
	request *fakeca.Request // which nobody writes into
	answer  *answer
}

// recall returns what was kept of the request in der, as good as new or not.
func (r *Responder) recall(der []byte) (keptAnswer, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept, ok := r.answers[string(der)]
	return kept, ok
}

func (r *Responder) keep(der []byte, kept keptAnswer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.answers) >= answersKept {
		clear(r.answers)
	}
	r.answers[string(der)] = kept
}
