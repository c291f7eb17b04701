package fakeca

// Delegate returns the delegated responder that signs the CA's OCSP responses,
// or nil if the CA was made without [WithDelegate] and signs them itself.
func (ca *CA) Delegate() *Leaf {
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	return ca.delegate
}

// RotateDelegate replaces the CA's delegated responder with one that has a new key and
// certificate, and returns it. The certificate of the old one stays valid.
// RotateDelegate panics if the CA was made without [WithDelegate].
func (ca *CA) RotateDelegate() *Leaf {
	if ca.Delegate() == nil {
		panic("fakeca: RotateDelegate needs a CA with a delegate; make it with WithDelegate()")
	}
	return ca.newDelegate()
}

func (ca *CA) newDelegate() *Leaf {
	delegate := ca.OCSPSigner()
	ca.mu.Lock()
	defer ca.mu.Unlock()
	ca.delegate = delegate
	ca.revision++ // what the old one signed is out of date
	return delegate
}
