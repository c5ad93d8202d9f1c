package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// contentPolicy lets a page load from its own origin only: no inline script or style, no frame, no plug-in.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; media-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// filePolicy is for files that people have sent: they may not do anything at all.
const filePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

// Shared slices, so that headers cost no allocation. Nobody writes into them.
var (
	hdrPolicy      = []string{contentPolicy}
	hdrNosniff     = []string{"nosniff"}
	hdrDeny        = []string{"DENY"}
	hdrReferrer    = []string{"same-origin"}
	hdrSameOrigin  = []string{"same-origin"}
	hdrPermissions = []string{"camera=(), microphone=(), geolocation=(), payment=(), usb=()"}
)

func secure(h http.Header, hsts []string) {
	h["Content-Security-Policy"] = hdrPolicy
	h["X-Content-Type-Options"] = hdrNosniff
	h["X-Frame-Options"] = hdrDeny
	h["Referrer-Policy"] = hdrReferrer
	h["Cross-Origin-Opener-Policy"] = hdrSameOrigin
	h["Cross-Origin-Resource-Policy"] = hdrSameOrigin
	h["Permissions-Policy"] = hdrPermissions
	if hsts != nil {
		h["Strict-Transport-Security"] = hsts
	}
}

// clientIP is where the request comes from: the connection's address, or, where that is a trusted proxy, the last address in X-Forwarded-For that is
// none. The zero Addr where it cannot be read.
func clientIP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	var ip netip.Addr
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		ip = ap.Addr().Unmap()
	}
	isProxy := func(a netip.Addr) bool {
		for _, p := range trusted {
			if p.Contains(a) {
				return true
			}
		}
		return false
	}
	if !ip.IsValid() || !isProxy(ip) {
		return ip
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		a, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return ip // what stands further left was not written by a proxy that we trust
		}
		ip = a.Unmap()
		if !isProxy(ip) {
			return ip
		}
	}
	return ip
}
