/** What each shell loads: all of them ask `nagare __complete`, so that a newer nagare completes newer commands. */
export const scripts: Readonly<Record<string, string>> = {
  bash: `# bash completion of nagare
_nagare() {
  local words out
  words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  out=$("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null) || return
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "\${out//:files/}" -- "\${COMP_WORDS[COMP_CWORD]}"))
  if [[ $out == *:files ]]; then
    COMPREPLY+=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
  fi
  # What ends in a slash goes on.
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace
  return 0
}
complete -o filenames -F _nagare nagare
`,
  zsh: `#compdef nagare
# zsh completion of nagare
_nagare() {
  local -a out open
  local ret=1
  out=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${out[(Ie):files]} )); then
    out=("\${(@)out:#:files}")
    _files && ret=0
  fi
  # What ends in a slash goes on.
  open=("\${(@M)out:#*/}")
  out=("\${(@)out:#*/}")
  (( \${#open} )) && compadd -S '' -a open && ret=0
  (( \${#out} )) && compadd -a out && ret=0
  return ret
}
if [ "$funcstack[1]" = "_nagare" ]; then _nagare "$@"; else compdef _nagare nagare; fi
`,
  fish: `# fish completion of nagare
function __nagare_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (nagare __complete -- $words[2..-1] 2>/dev/null)
    if test $line = :files
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c nagare -f -a '(__nagare_complete)'
`,
};
