# bash completion of alert; made by `alert completion bash`

_alert_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_alert_files() {
    compopt -o filenames 2> /dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

_alert() {
    local cur=${COMP_WORDS[COMP_CWORD]} command= flag= many= i
    COMPREPLY=()
    [[ $cur == = ]] && cur=
    # flag: the one whose value is being written
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            %MANY_FLAGS%) flag=${COMP_WORDS[i]} many=1 ;;
            %VALUE_FLAGS%) flag=${COMP_WORDS[i]} many= ;;
            =) ;;
            -*) flag= ;;
            *)
                [[ -z $flag && -z $command && ' %COMMANDS% ' == *" ${COMP_WORDS[i]} "* ]] &&
                    command=${COMP_WORDS[i]}
                [[ -n $many ]] || flag=
                ;;
        esac
    done
    [[ $cur == -* ]] && flag=
    case $command in
%each command%
        %COMMAND%)
            case $flag in
%each choice%
                %FLAGS%) _alert_words '%CHOICES%' ;;
%end%
%each file%
                %FLAGS%) _alert_files ;;
%end%
%each value%
                %FLAGS%) : ;;
%end%
                *) _alert_words '%WORDS%' ;;
            esac
            ;;
%end%
    esac
}
complete -F _alert alert
