#!/usr/bin/env bash
# Makes the pictures of docs/: tools/pictures.sh status|dashboard
source "$(dirname "$0")/common.sh"

case ${1:-} in
  status) tools/status_page.sh docs/pictures/status.png ;;
  dashboard) tools/dashboard.sh docs/pictures/dashboard.svg ;;
  *) die 'usage: tools/pictures.sh status|dashboard' ;;
esac
