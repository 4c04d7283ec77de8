// Package middleware holds what stands in front of an app: each file is one
// func(http.Handler) http.Handler, for app.Use or for any other net/http code.
// None of them knows the app behind it.
//
//	app.Use(middleware.RequestID()) // the first one is the outermost
//	app.Use(middleware.ProxyFix())
//	app.Use(middleware.Compress(middleware.CompressOptions{}))
//
// gateway.FromHandler and gateway.ToHandler make gateway middleware of them.
//
// Source: Werkzeug, middleware/.
package middleware
