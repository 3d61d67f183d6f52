#!/usr/bin/env bash
# Every name in a tags file is found again by binary search, which fails where the file is not sorted.
set -euo pipefail
tags=$1
LC_ALL=C sort -c "$tags"
listed=$(readtags -t "$tags" -l | wc -l)
written=$(grep -vc '^!_TAG' "$tags")
[ "$listed" = "$written" ] || { echo "readtags lists $listed of $written tags"; exit 1; }
grep -v '^!_TAG' "$tags" | cut -f1 | grep -v '[\\]' | uniq | awk 'NR % 97 == 1' | while read -r name; do
    [ -n "$(readtags -t "$tags" "$name")" ] || { echo "readtags does not find $name"; exit 1; }
done
