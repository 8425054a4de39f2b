#!/usr/bin/env bash
# What action.yml runs: the inputs as `diag gate` takes them. With a page, the runs are kept and judged once more for it.
set -u
options=() runs=() base=()
[ -n "$BUDGET" ] && options+=(--budget "$BUDGET")
while IFS= read -r line; do [ -n "$line" ] && runs+=("$line"); done <<<"$RUN"
while IFS= read -r line; do [ -n "$line" ] && base+=(--baseline "$line"); done <<<"$BASELINE"

if [ -n "$RUN_BOTH" ]; then
  kept="$(mktemp -d)/kept"
  command=()
  if [ -n "$COMMAND" ]; then
    eval "command=(-- $COMMAND)" # the caller's own words, with a shell's quotes
  fi
  diag gate ${options[@]+"${options[@]}"} --run-both "$RUN_BOTH" ${RUNS:+--runs "$RUNS"} --keep "$kept" --format github \
    ${command[@]+"${command[@]}"}
  code=$?
  runs=("$kept/this") base=(--baseline "$kept/base")
else
  diag gate ${options[@]+"${options[@]}"} ${base[@]+"${base[@]}"} --format github ${runs[@]+"${runs[@]}"}
  code=$?
fi

if [ -n "$PAGE" ]; then
  GITHUB_STEP_SUMMARY='' diag gate ${options[@]+"${options[@]}"} ${base[@]+"${base[@]}"} --format html -o "$PAGE" \
    ${runs[@]+"${runs[@]}"} || true # the answer was given above
fi
case $code in 0) answer=pass ;; 1) answer=fail ;; *) answer=unknown ;; esac
echo "answer=$answer" >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$code"
