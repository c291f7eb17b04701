package ocsptest

import "io"

// SendNotices sends to w what Close would write to stderr.
func (s *Server) SendNotices(w io.Writer) { s.host.notices = w }
