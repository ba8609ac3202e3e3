# Speaks to Lambda's APIs with nothing but bash: `call METHOD PATH BODY HEADER…`.
LC_ALL=C
call() {
  local method=$1 path=$2 body=$3
  shift 3
  exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API%:*}/${AWS_LAMBDA_RUNTIME_API#*:}"
  printf '%s /%s HTTP/1.1\r\nHost: api\r\nConnection: close\r\n' "$method" "$path" >&3
  printf '%s\r\n' "$@" "Content-Length: ${#body}" '' >&3
  printf '%s' "$body" >&3
  IFS= read -r status <&3
  status=${status#* }
  status=${status%% *}
  while IFS= read -r line <&3 && line=${line%$'\r'} && [ -n "$line" ]; do
    case $line in
      [Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d:*) id=${line##* } ;;
      [Ll]ambda-[Ee]xtension-[Ii]dentifier:*) key=${line##* } ;;
    esac
  done
  reply=$(tr -d '\0' <&3)
  exec 3>&-
}
api=2018-06-01/runtime
plain='Content-Type: application/json'
next() { call GET $api/invocation/next '' "$plain"; event=$reply; }
answer() { call POST "$api/invocation/$id/response" "$1" "$plain"; }
fail() { call POST "$api/invocation/$id/error" "$1" "Lambda-Runtime-Function-Error-Type: $2"; }
