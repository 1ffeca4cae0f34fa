#compdef alert
# zsh completion of alert; made by `alert completion zsh`

_alert() {
    local curcontext="$curcontext" state line
    typeset -A opt_args
    local -a arguments commands=(
%each command%
        '%COMMAND%:%DESCRIPTION%'
%end%
    )
    arguments=(
%each argument%
        %SPEC%
%end%
        '1:command:->command'
        '*::argument:->argument'
    )
    _arguments -C $arguments
    case $state in
        command) _describe command commands ;;
        argument)
            case $words[1] in
%each command%
                %COMMAND%)
                    arguments=(
%each argument%
                        %SPEC%
%end%
                    )
                    ;;
%end%
                *) return 1 ;;
            esac
            _arguments $arguments
            ;;
    esac
}

if [[ $funcstack[1] == _alert ]]; then
    _alert "$@"
else
    compdef _alert alert
fi
