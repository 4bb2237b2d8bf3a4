# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for p2sctl(1); needs nothing but bash.

_p2sctl_links() {
    local link
    echo auto
    for link in /sys/class/net/*; do
        [[ -d $link ]] && echo "${link##*/}"
    done
}

_p2sctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    local modes='off monitor mark shape' classes='voice video general'
    local options='--json --no-ask-password --help --version'
    local verbs='status mode link ports dscp calls stats history watch log metrics doctor run reset reload'
    local verb='' sub='' words='' i count=0

    # The verb, the word after it, and how many words there are behind it.
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --mode | --uplink | --downlink | --trust-incoming-dscp | --when | --linklayer | --overhead | --xdp | --force | --forget | --last | --interval | --link | --output)
                [[ ${COMP_WORDS[i+1]} == = ]] && ((i++))
                ((i++))
                ;;
            --)
                [[ $verb == run ]] && count=1 && break
                ;;
            -* | =) ;;
            *)
                if [[ -z $verb ]]; then
                    verb=${COMP_WORDS[i]}
                else
                    [[ -z $sub ]] && sub=${COMP_WORDS[i]}
                    ((count++))
                    [[ $verb == run ]] && break
                fi
                ;;
        esac
    done

    # From run's command on, it is that command's completion.
    if [[ $verb == run && $count -gt 0 ]]; then
        [[ ${COMP_WORDS[i]} == -- ]] && ((i++))
        if declare -F _command_offset >/dev/null; then
            _command_offset "$i"
        elif ((i == COMP_CWORD)); then
            mapfile -t COMPREPLY < <(compgen -c -- "$cur")
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        fi
        return
    fi

    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}
    [[ $cur == = ]] && prev=${COMP_WORDS[COMP_CWORD-1]} && cur=''
    case $prev in
        --mode) words=$modes ;;
        --trust-incoming-dscp | --force) words='yes no' ;;
        --when) words='call always' ;;
        --linklayer) words='none ethernet docsis vdsl pppoe-vdsl atm' ;;
        --overhead) words=auto ;;
        --xdp) words='auto off native' ;;
        --uplink | --downlink) words=unknown ;;
        --last | --interval) ;;
        --link) words=$(_p2sctl_links) ;;
        --output)
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            return
            ;;
        *)
            case $verb in
                '') words="$verbs $options" ;;
                mode) ((count == 0)) && words=$modes ;;
                link)
                    ((count == 0)) && words=$(_p2sctl_links)
                    words+=' --uplink --downlink --trust-incoming-dscp --when --linklayer --overhead --xdp --force --remove --networks --forget'
                    ;;
                history)
                    ((count == 0)) && words=$(_p2sctl_links)
                    words+=' --last'
                    ;;
                watch) words=--interval ;;
                log) words='--csv --interval --link' ;;
                metrics) words='--openmetrics --output' ;;
                ports)
                    case $sub:$count in
                        :0) words='list add remove' ;;
                        add:2) words=$classes ;;
                    esac
                    ;;
                dscp)
                    if [[ ${COMP_WORDS[COMP_CWORD-1]} == = || ${COMP_WORDS[COMP_CWORD]} == = ]]; then
                        words=$classes
                    elif ((count == 0)); then
                        words='list set'
                    elif [[ $sub == set && $count -eq 1 ]]; then
                        words='EF= AF41= CS5= none'
                        compopt -o nospace
                    fi
                    ;;
                run)
                    words='--mode --'
                    mapfile -t COMPREPLY < <(compgen -c -- "$cur")
                    ;;
            esac
            [[ $cur == -* ]] && words+=" $options"
            ;;
    esac
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _p2sctl p2sctl
