{{/*
The parts that all pods have. Given (dict "root" $ "process" …, "settings" the process's environment as a map).
Service links are off: Kubernetes would set EVENTSEC_INGEST_PORT=tcp://… for a release named eventsec.
*/}}
{{- define "eventsec.podSpec" -}}
{{- $values := .root.Values -}}
{{- $user := ternary 101 10001 (eq .process "web") -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ $user }}
  runAsGroup: {{ $user }}
  fsGroup: {{ $user }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with $values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "eventsec.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "eventsec.volumeMounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if eq .process "web" }}
- {name: nginx, mountPath: /etc/nginx/conf.d}
{{- else }}
- {name: secrets, mountPath: /run/secrets/eventsec, readOnly: true}
{{- end }}
{{- if eq .process "ingest" }}
- {name: registry, mountPath: /var/lib/eventsec/registry}
{{- end }}
{{- if hasKey .settings "EVENTSEC_EVIDENCE_FOLDER" }}
- {name: evidence, mountPath: /var/lib/eventsec/evidence}
{{- end }}
{{- if and .root.Values.trust.configMap (ne .process "web") }}
- {name: trust, mountPath: /etc/eventsec/trust, readOnly: true}
{{- end }}
{{- end }}

{{/* A pod's secrets are the files that its settings name, and no others. Mounted whole, so that they follow a change. */}}
{{- define "eventsec.volumes" -}}
{{- $root := .root -}}
- name: tmp
  emptyDir: {sizeLimit: 1Gi}
{{- if eq .process "web" }}
- name: nginx
  emptyDir: {sizeLimit: 1Mi}
{{- else }}
{{- $files := list }}
{{- range $name, $path := .settings }}
{{- if hasPrefix "/run/secrets/eventsec/" $path }}
{{- $files = append $files (base $path) }}
{{- end }}
{{- end }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range $file := $files | uniq | sortAlpha }}
      {{- $secret := include "eventsec.secretOf" (dict "root" $root "file" $file) | fromYaml }}
      - secret:
          name: {{ $secret.name }}
          items: [{key: {{ $secret.key }}, path: {{ $file }}}]
      {{- end }}
{{- end }}
{{- if eq .process "ingest" }}
- name: registry
  emptyDir: {sizeLimit: 256Mi}
{{- end }}
{{- if hasKey .settings "EVENTSEC_EVIDENCE_FOLDER" }}
- name: evidence
  persistentVolumeClaim:
    claimName: {{ default (printf "%s-evidence" (include "eventsec.fullname" .root)) .root.Values.evidence.volume.existingClaim }}
{{- end }}
{{- if and .root.Values.trust.configMap (ne .process "web") }}
- name: trust
  configMap:
    name: {{ .root.Values.trust.configMap }}
    items: [{key: {{ .root.Values.trust.key }}, path: ca.crt}]
{{- end }}
{{- end }}
