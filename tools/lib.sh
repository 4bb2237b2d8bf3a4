# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What tools/run and tools/test share.  Sourced from the tree's top directory.

# step TEXT: says what is being done.
step() {
    printf '\n== %s\n' "$*"
}

# packages_of GROUP…: their packages, one a line.
packages_of() {
    local group package _
    while read -r group package _; do
        [[ " $* " == *" $group "* ]] && echo "$package"
    done <tools/packages
    return 0
}

# missing_packages GROUP…: those of which no alternative is installed, one a line.
missing_packages() {
    local choice package installed
    local -a alternatives
    # one query for all: asking for each takes a second
    installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' 2>/dev/null) "
    while read -r choice; do
        IFS='|' read -ra alternatives <<<"$choice"
        for package in "${alternatives[@]}"; do
            [[ $installed == *" installed:$package "* ]] && continue 2
        done
        echo "$choice"
    done < <(packages_of "$@")
}

# retry COMMAND…: up to three times, as mirrors have bad moments.
retry() {
    local try
    for try in 1 2 3; do
        "$@" && return 0
        [ $try = 3 ] || { echo "   trying again …"; sleep $((try * 5)); }
    done
    return 1
}

# install_packages GROUP…: installs what is missing and asks nothing.  With nothing
# missing it takes no time and no network.
install_packages() {
    local -a missing wanted=() alternatives
    local choice package
    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
    command -v apt-get >/dev/null || {
        echo "No apt-get here.  Install what tools/packages lists, then use --no-install." >&2
        return 1
    }
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    step "Installing ${#missing[@]} packages: ${missing[*]%%|*}"
    retry apt-get -qq -o Acquire::Retries=3 update || {
        echo "apt-get update failed: is there a network?" >&2
        return 1
    }
    for choice in "${missing[@]}"; do
        IFS='|' read -ra alternatives <<<"$choice"
        for package in "${alternatives[@]}"; do
            if apt-cache show --no-all-versions "$package" >/dev/null 2>&1; then
                wanted+=("$package")
                continue 2
            fi
        done
        echo "The archive has no package ${choice//|/ or }." >&2
        return 1
    done
    # Dpkg::Use-Pty=0 keeps the output readable in a log; a config file that the admin
    # changed stays as it is.  needrestart and debconf stay silent.
    retry apt-get -y --no-install-recommends -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        install "${wanted[@]}" </dev/null || {
        echo "apt-get could not install: ${wanted[*]}" >&2
        return 1
    }
}

# build_tree DIR LOG MESON-OPTION…: configures where needed and builds; on failure shows
# the end of the log.
build_tree() {
    local dir=$1 log=$2
    shift 2
    mkdir -p "$(dirname "$log")"
    if ! configure_and_build "$dir" "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "The build in $dir failed; all of it is in $log" >&2
        return 1
    fi
}

configure_and_build() {
    local dir=$1
    shift
    if [ ! -f "$dir/build.ninja" ]; then
        meson setup "$dir" "$@" || return
    elif [ $# -gt 0 ]; then
        meson configure "$dir" "$@" || return
    fi
    ninja -C "$dir"
}

# install_browser_driver: what tests/eval takes from npm, unless it is there.
install_browser_driver() {
    [ ! -d tests/eval/node_modules/ws ] || [ ! -d tests/eval/node_modules/playwright-core ] || return 0
    step "Installing ws and playwright-core"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 retry npm --prefix tests/eval ci --no-fund --no-audit || {
        echo "npm could not install them: is there a network?" >&2
        return 1
    }
}
