# fish completion of alert; made by `alert completion fish`

# the first command on the line: a later word may be a value of the same name
function __alert_in
    set -l words (commandline -opc)
    for word in $words[2..]
        if contains -- $word %COMMANDS%
            test $word = "$argv[1]"
            return
        end
    end
    test -z "$argv[1]"
end

# true while the last flag on the line so far is this one
function __alert_after
    set -l flags (string match -- '-*' (commandline -opc))
    test (count $flags) -gt 0; and test $flags[-1] = $argv[1]
end

complete -c alert -f
%each argument%
complete -c alert -n '__alert_in ""'%NAMES%%VALUES% -d %DESCRIPTION%
%end%
%each command%
complete -c alert -n '__alert_in ""' -a %COMMAND% -d %DESCRIPTION%
%end%
%each command%
%each argument%
complete -c alert -n '__alert_in %COMMAND%'%NAMES%%VALUES% -d %DESCRIPTION%
%end%
%each many_files%
complete -c alert -n '__alert_in %COMMAND%; and __alert_after %FLAG%' -F
%end%
%end%
