// Modulezip writes a Go module as the zip that a module proxy serves: modulezip MODULE VERSION FOLDER.
package main

import (
	"log"
	"os"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: modulezip MODULE VERSION FOLDER")
	}
	version := module.Version{Path: os.Args[1], Version: os.Args[2]}
	if err := zip.CreateFromDir(os.Stdout, version, os.Args[3]); err != nil {
		log.Fatal(err)
	}
}
