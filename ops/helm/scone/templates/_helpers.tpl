{{- define "scone.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 48 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "scone.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "scone.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "scone.selector" . }}
{{- end -}}

{{- /* The Secret with the tokens, or nothing. */ -}}
{{- define "scone.tokensSecret" -}}
{{- if .Values.tokens.secretName -}}
{{- .Values.tokens.secretName -}}
{{- else if .Values.tokens.lines -}}
{{- include "scone.fullname" . }}-tokens
{{- end -}}
{{- end -}}

{{- /* What clients write to reach every server: the replicas of a shard by DNS, shards with semicolons between. */ -}}
{{- define "scone.address" -}}
{{- $shards := list -}}
{{- range $shard := until (int .Values.shards) -}}
{{- $shards = append $shards (printf "dns:///%s-shard-%d.%s.svc:%d" (include "scone.fullname" $) $shard $.Release.Namespace (int $.Values.service.port)) -}}
{{- end -}}
{{- join ";" $shards -}}
{{- end -}}

{{- /* The file of settings. */ -}}
{{- define "scone.config" -}}
{{- $own := dict
  "host" "0.0.0.0"
  "port" (int .Values.service.port)
  "metrics-host" "0.0.0.0"
  "metrics-port" 9411
  "watch" "/tables" -}}
{{- if .Values.tls.secretName -}}
{{- $_ := set $own "tls-cert" "/etc/scone/tls/tls.crt" -}}
{{- $_ := set $own "tls-key" "/etc/scone/tls/tls.key" -}}
{{- if .Values.tls.clientCertificates -}}
{{- $_ := set $own "tls-client-ca" "/etc/scone/tls/ca.crt" -}}
{{- end -}}
{{- end -}}
{{- if include "scone.tokensSecret" . -}}
{{- $_ := set $own "auth-tokens" "/etc/scone/tokens/tokens" -}}
{{- end -}}
{{- toYaml (dict "cache-server" (merge $own .Values.config)) -}}
{{- end -}}
