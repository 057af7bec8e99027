/**
 * The JSON files that tell what a directory holds and which other it belongs to: {@link
 * io.scone.manifest.TableManifest}, {@link io.scone.manifest.BundleManifest} and the {@link
 * io.scone.manifest.Fingerprint} that ties them together.
 *
 * <p>Any package may use it. It reads and writes its own files and does no other work on them: what
 * a manifest describes is opened by the package that owns it.
 */
package io.scone.manifest;
