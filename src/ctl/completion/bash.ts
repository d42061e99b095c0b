import { DIRECTORIES } from './directories.ts';

/**
 * What to offer is asked of erlmcpctl itself, as it was typed, so the script fits every version. Words are what bash makes of the
 * line: `--home=/srv` is three of them. The last one is what is being typed, and may be empty.
 */
export const BASH_SCRIPT = `# Completion of erlmcpctl for bash: source <(erlmcpctl completion bash)
_erlmcpctl() {
  local IFS=$'\\n'
  local current="\${COMP_WORDS[COMP_CWORD]}"
  local program="\${1/#\\~/$HOME}"
  COMPREPLY=($("$program" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [ "\${COMPREPLY[0]-}" = '${DIRECTORIES}' ]; then
    [ "$current" = '=' ] && current=''
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -d -- "$current"))
  fi
}
complete -F _erlmcpctl erlmcpctl
`;
