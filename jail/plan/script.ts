/** A plan as a script for a POSIX shell, which runs without Node.js and does the same. */
import { programsOf, type Command, type Plan, type Step } from './step.js';
import { lineOf, quote } from './words.js';

/** @param about what the script is, for whoever finds it; a line or more */
export function scriptOf(plan: Plan, about: string): string {
  const inputs = new Inputs();
  const steps = plan.steps.map((step, i) => stepText(step, i + 1, inputs));
  return [
    '#!/bin/sh', ...about.split('\n').map((line) => `# ${line}`.trimEnd()),
    '', '# What stands in single quotes is for another shell.', '# shellcheck disable=SC2016', '',
    preamble(programsOf(plan.steps), plan.steps.length), verbs, ...inputs.functions, ...steps, ending,
  ].join('\n');
}

/** Texts that commands read: each once, as a function that prints it. */
class Inputs {
  readonly #names = new Map<string, string>();
  readonly functions: string[] = [];

  nameOf(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (text !== '' && !text.endsWith('\n')) throw new Error('a command reads whole lines');
    const name = `text_${this.#names.size + 1}`;
    const end = endMark(text);
    this.#names.set(text, name);
    this.functions.push(`${name}() {\n  cat <<'${end}'\n${text}${end}\n}\n`);
    return name;
  }
}

/** A line that the text does not hold. */
function endMark(text: string): string {
  let mark = 'END';
  while (text.includes(mark)) mark += '_';
  return mark;
}

/** A command as a list of the shell that succeeds when it does. */
function commandText({ argv, input, prints, mayFail }: Command, inputs: Inputs): string {
  const line = `${prints === undefined ? '' : `prints ${quote(prints)} `}${lineOf(argv)}`;
  const whole = input === undefined ? line : `${inputs.nameOf(input)} | ${line}`;
  return mayFail === undefined ? whole : `{ ${whole} >/dev/null 2>&1 || :; }`;
}

/** All of them, up to the first that fails. */
const untilFailure = (commands: readonly Command[], inputs: Inputs): string =>
  commands.length === 0 ? ':' : commands.map((command) => commandText(command, inputs)).join(' &&\n  ');

/** All of them, whatever fails. */
function allOf(commands: readonly Command[], inputs: Inputs): string {
  const lines = commands.map((command) => `${commandText(command, inputs)}${command.mayFail === undefined ? ' || failed=yes' : ''}`);
  return ['failed=no', ...lines, '[ "$failed" = no ]'].join('\n  ');
}

function stepText({ title, part, test, make, undo, purge = undo }: Step, number: number, inputs: Inputs): string {
  return `# ${title}
about_${number}() { part=${quote(part)} title=${quote(title)}; }
test_${number}() {
  ${untilFailure(test, inputs)}
}
make_${number}() {
  ${untilFailure(make, inputs)}
}
undo_${number}() {
  ${allOf(undo, inputs)}
}
${purge === undo ? '' : `purge_${number}() {\n  ${allOf(purge, inputs)}\n}\n`}`;
}

const preamble = (programs: readonly string[], count: number): string => `# Usage: up [CONTAINER] | down [CONTAINER] [--purge] | status [CONTAINER]
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
steps=${count}

# What must be there before anything is changed.
require() {
  [ "$(id -u)" -eq 0 ] || { echo "that takes root: interfaces, rules and routes are changed" >&2; exit 1; }
  missing=''
  for program in ${programs.map(quote).join(' ')}; do
    command -v "$program" >/dev/null || missing="$missing $program"
  done
  [ -z "$missing" ] || { echo "missing:$missing" >&2; exit 1; }
}
`;

/** The same in every script. */
const verbs = `# prints TEXT COMMAND...: succeeds when what it prints holds the text.
prints() {
  text=$1
  shift
  output=$("$@" 2>&1) || return 1
  case $output in
    *"$text"*) ;;
    *) return 1 ;;
  esac
}

say() { printf '%-7s  %s\\n' "$1" "$title"; }
concerns() { [ -z "$container" ] || [ "$part" = "$container" ]; }
holds() { "test_$1" >/dev/null 2>&1; }

# undo_step NUMBER [purge]: what failed counts only when the step still is done.
undo_step() {
  "about_$1"
  undo=undo_$1
  [ "$2" = no ] || ! command -v "purge_$1" >/dev/null || undo=purge_$1
  if problem=$("$undo" 2>&1) || ! holds "$1"; then say undone; else say stuck; echo "$problem" >&2; stuck=$((stuck + 1)); fi
}

# Once begun, it is not interrupted.
take_back() {
  trap '' INT TERM
  stuck=0
  for number in $made; do undo_step "$number" no; done
  exit 1
}

up() {
  made='' number=0
  trap take_back INT TERM
  while [ "$number" -lt "$steps" ]; do
    number=$((number + 1))
    "about_$number"
    concerns || [ "$part" = host ] || continue
    if holds "$number"; then say already; continue; fi
    made="$number $made"
    if "make_$number" && holds "$number"; then say 'done'; continue; fi
    say failed
    take_back
  done
}

# down PURGE
down() {
  number=$steps stuck=0
  while [ "$number" -gt 0 ]; do
    "about_$number"
    if concerns; then undo_step "$number" "$1"; fi
    number=$((number - 1))
  done
  [ "$stuck" -eq 0 ]
}

status() {
  number=0 missing=0
  while [ "$number" -lt "$steps" ]; do
    number=$((number + 1))
    "about_$number"
    concerns || continue
    if holds "$number"; then say 'done'; else say missing; missing=$((missing + 1)); fi
  done
  [ "$missing" -eq 0 ]
}
`;

const ending = `action=\${1:-} container=\${2:-} purge=no
[ "$container" != --purge ] || container=''
[ "\${2:-}" != --purge ] && [ "\${3:-}" != --purge ] || purge=yes
case $action in
  up) require; up ;;
  down) require; down "$purge" ;;
  status) status ;;
  *) echo "usage: $0 up|down|status [CONTAINER] [--purge]" >&2; exit 2 ;;
esac
`;
