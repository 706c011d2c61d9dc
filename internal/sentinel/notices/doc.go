// Package notices keeps what people say of a service beside what is measured of it.
//
//	Board         all of it, kept in memory and on disk           (board.go)
//	maintenance   planned work, which uptime can leave out        (maintenance.go)
//	announcements what users should know, for a status page       (announcement.go)
//	routes        /api/maintenance and /api/announcements         (routes.go)
package notices
