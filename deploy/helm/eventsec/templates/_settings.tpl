{{/*
The environment of a process, as a map. Given (dict "root" $ "process" …, "roles" …, "settings" …): process is ingest,
indexer, api, web, migrate or templates. No secret is in it: those are files, and only their paths are here.
*/}}
{{- define "eventsec.settings" -}}
{{- $chart := include "eventsec.chartSettings" . | fromYaml -}}
{{- $known := .root.Files.Get "files/env.example" -}}
{{- range $name, $value := .settings }}
{{- if hasKey $chart $name }}
{{- fail (printf "%s.settings: %s is set from other values" $.process $name) }}
{{- else if not (contains (printf "\n#%s=" $name) $known) }}
{{- fail (printf "%s.settings: there is no %s; deploy/env.example lists what there is" $.process $name) }}
{{- end }}
{{- end }}
{{- toYaml (merge $chart (.settings | default dict)) -}}
{{- end }}

{{- define "eventsec.chartSettings" -}}
{{- $values := .root.Values -}}
{{- $process := .process -}}
{{- if eq $process "web" }}
{{- /* In full: nginx asks the cluster's DNS itself, and knows no search domains. */}}
{{- $domain := printf "%s.svc.%s" .root.Release.Namespace $values.clusterDomain }}
{{- $full := include "eventsec.fullname" .root }}
EVENTSEC_API_ADDRESS: {{ printf "%s-api.%s:8081" $full $domain }}
EVENTSEC_INGEST_ADDRESS: {{ printf "%s-ingest.%s:8080" $full $domain }}
{{- if contains ":" $values.bindAddress }}
EVENTSEC_WEB_LISTEN: {{ printf "[%s]:8080" $values.bindAddress | quote }}
{{- end }}
{{- else }}
EVENTSEC_ENV: {{ $values.environment }}
EVENTSEC_LOG_FORMAT: json
EVENTSEC_LOG_LEVEL: {{ $values.logLevel }}
EVENTSEC_SHUTDOWN_SECONDS: {{ $values.shutdownSeconds | quote }}
EVENTSEC_STORES_ON_PRIVATE_NETWORK: {{ $values.storesOnPrivateNetwork | quote }}
{{- with $values.trust.configMap }}
SSL_CERT_FILE: /etc/eventsec/trust/ca.crt
{{- end }}
{{- if has $process (list "ingest" "indexer" "api" "migrate") }}
{{ include "eventsec.postgresSettings" . }}
{{ include "eventsec.rabbitmqSettings" . }}
{{- end }}
{{- if has $process (list "indexer" "api" "templates") }}
{{ include "eventsec.opensearchSettings" . }}
{{- end }}
{{- if has $process (list "indexer" "api") }}
EVENTSEC_PUBLIC_URL: {{ $values.publicUrl | quote }}
EVENTSEC_SECRET_KEYS_FILE: /run/secrets/eventsec/secret_keys
{{- end }}
{{- if has $process (list "ingest" "api") }}
EVENTSEC_TLS_IN_FRONT: "true"
EVENTSEC_TRUSTED_PROXIES: {{ join "," $values.trustedProxies | quote }}
{{- end }}
{{- if and (eq $process "migrate") $values.rabbitmq.makeUsers }}
{{ include "eventsec.rabbitmqUsers" . }}
{{- end }}
{{- if has $process (list "migrate" "templates") }}
EVENTSEC_MIGRATE_WAIT_SECONDS: {{ get (get $values $process) "waitSeconds" | quote }}
{{- end }}
{{- if eq $process "ingest" }}
EVENTSEC_INGEST_HOST: {{ $values.bindAddress | quote }}
EVENTSEC_INGEST_PORT: "8080"
EVENTSEC_REGISTRY_PATH: /var/lib/eventsec/registry/registry
{{- else if eq $process "indexer" }}
EVENTSEC_INDEXER_HOST: {{ $values.bindAddress | quote }}
EVENTSEC_INDEXER_PORT: "8082"
EVENTSEC_INDEXER_ROLES: {{ toJson .roles | quote }}
{{- if and $values.secrets.smtpPassword (has "notifier" .roles) }}
EVENTSEC_SMTP_PASSWORD_FILE: /run/secrets/eventsec/smtp_password
{{- end }}
{{- else if eq $process "api" }}
EVENTSEC_API_HOST: {{ $values.bindAddress | quote }}
EVENTSEC_API_PORT: "8081"
{{- if $values.secrets.oidcClientSecret }}
EVENTSEC_OIDC_CLIENT_SECRET_FILE: /run/secrets/eventsec/oidc_client_secret
{{- end }}
{{ include "eventsec.evidenceSettings" . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "eventsec.postgresSettings" -}}
{{- $postgres := .root.Values.postgres -}}
{{- $own := ternary "" (printf "%s_" (upper .process)) (eq .process "migrate") -}}
{{- $user := get $postgres.users .process -}}
{{- $where := printf "%s:%d/%s?sslmode=%s" $postgres.host (int $postgres.port) $postgres.database $postgres.sslmode -}}
EVENTSEC_{{ $own }}POSTGRES_URL: {{ printf "postgresql://%s@%s" (urlquery $user) $where | quote }}
EVENTSEC_{{ $own }}POSTGRES_PASSWORD_FILE: /run/secrets/eventsec/postgres_{{ lower $own }}password
{{- if hasPrefix "verify" $postgres.sslmode }}
PGSSLROOTCERT: {{ ternary "/etc/eventsec/trust/ca.crt" "/etc/ssl/certs/ca-certificates.crt" (ne .root.Values.trust.configMap "") }}
{{- end }}
{{- end }}

{{- define "eventsec.rabbitmqSettings" -}}
{{- $rabbitmq := .root.Values.rabbitmq -}}
{{- $own := ternary "" (printf "%s_" .process) (eq .process "migrate") -}}
{{- $login := printf "%s@%s" (get $rabbitmq.users .process | urlquery) $rabbitmq.host -}}
{{- $file := printf "/run/secrets/eventsec/rabbitmq_%spassword" $own -}}
EVENTSEC_RABBITMQ_URL: {{ printf "amqp%s://%s:%d/%s" (ternary "s" "" $rabbitmq.tls) $login (int $rabbitmq.port) (urlquery $rabbitmq.vhost) | quote }}
EVENTSEC_RABBITMQ_PASSWORD_FILE: {{ $file }}
{{- /* The door asks nothing of the management API, and its user may not. */}}
{{- if include "eventsec.managesRabbitmq" . }}
{{- with $rabbitmq.management }}
EVENTSEC_RABBITMQ_MANAGEMENT_URL: {{ printf "http%s://%s:%d" (ternary "s" "" .tls) $login (int .port) | quote }}
EVENTSEC_RABBITMQ_MANAGEMENT_PASSWORD_FILE: {{ $file }}
{{- end }}
{{- end }}
{{- end }}

{{/* What `shared.bus.users` needs beside the migration's own: how the names begin, and every password. */}}
{{- define "eventsec.rabbitmqUsers" -}}
EVENTSEC_RABBITMQ_USERS: {{ trimSuffix "_ingest" .root.Values.rabbitmq.users.ingest | quote }}
{{- range list "ingest" "indexer" "api" }}
EVENTSEC_{{ upper . }}_RABBITMQ_PASSWORD_FILE: /run/secrets/eventsec/rabbitmq_{{ . }}_password
{{- end }}
{{- end }}

{{- define "eventsec.managesRabbitmq" -}}
{{- if and .root.Values.rabbitmq.management.enabled (has .process (list "indexer" "api" "migrate")) }}yes{{ end }}
{{- end }}

{{- define "eventsec.opensearchSettings" -}}
{{- $opensearch := .root.Values.opensearch -}}
{{- $own := get $opensearch.users .process -}}
{{- $user := default $opensearch.user $own -}}
{{- $login := ternary (printf "%s@" (urlquery $user)) "" (ne $user "") -}}
EVENTSEC_OPENSEARCH_URL: {{ printf "http%s://%s%s:%d" (ternary "s" "" $opensearch.tls) $login $opensearch.host (int $opensearch.port) | quote }}
{{- if $user }}
EVENTSEC_OPENSEARCH_PASSWORD_FILE: /run/secrets/eventsec/opensearch_{{ ternary (printf "%s_" .process) "" (ne $own "") }}password
{{- end }}
EVENTSEC_INDEX_PREFIX: {{ $opensearch.indexPrefix | quote }}
{{- end }}

{{- define "eventsec.evidenceSettings" -}}
{{- with .root.Values.evidence -}}
{{- if eq .store "s3" -}}
EVENTSEC_EVIDENCE_S3_URL: {{ .s3.url | quote }}
EVENTSEC_EVIDENCE_S3_BUCKET: {{ .s3.bucket | quote }}
EVENTSEC_EVIDENCE_S3_REGION: {{ .s3.region | quote }}
EVENTSEC_EVIDENCE_S3_ACCESS_KEY: {{ .s3.accessKey | quote }}
EVENTSEC_EVIDENCE_S3_SECRET_KEY_FILE: /run/secrets/eventsec/evidence_s3_secret_key
{{- else -}}
EVENTSEC_EVIDENCE_FOLDER: /var/lib/eventsec/evidence
{{- end }}
{{- end }}
{{- end }}

{{/* Where one of the secrets is: {name, key}. Given (dict "root" $ "file" …). */}}
{{- define "eventsec.secretOf" -}}
{{- $secrets := .root.Values.secrets -}}
{{- $there := get $secrets.elsewhere .file | default dict -}}
name: {{ default $secrets.name $there.name }}
key: {{ default .file $there.key }}
{{- end }}
