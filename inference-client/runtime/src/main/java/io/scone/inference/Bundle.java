package io.scone.inference;

import io.scone.manifest.BundleManifest;
import io.scone.manifest.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A model directory whose files are those its manifest was written for.
 *
 * <p>Opening checks that every file is there; a file's content is checked when it is first asked
 * for, so that nobody waits for weights they do not use. Safe for use by many threads.
 */
public final class Bundle {
  private final Path directory;
  private final BundleManifest manifest;
  private final Set<String> checked = ConcurrentHashMap.newKeySet();

  private Bundle(Path directory, BundleManifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /**
   * Opens a bundle.
   *
   * @throws IOException if the directory is not a bundle or lacks a file; the message says which
   */
  public static Bundle open(Path directory) throws IOException {
    Bundle bundle = new Bundle(directory, BundleManifest.read(directory));
    bundle.require(BundleManifest.TOKENIZER);
    bundle.require(BundleManifest.MAIN_MODEL);
    if (bundle.manifest.hasFgrams()) {
      bundle.require(BundleManifest.FGRAMS);
      bundle.require(BundleManifest.FGRAM_MODEL);
    }
    for (String name : bundle.manifest.files().keySet()) {
      bundle.require(name);
    }
    return bundle;
  }

  /** Returns the bundle's directory. */
  public Path directory() {
    return directory;
  }

  /** Returns what the bundle says of itself. */
  public BundleManifest manifest() {
    return manifest;
  }

  /** Returns where the bundle's own table is, or would be: it need not have one. */
  public Path table() {
    return directory.resolve(BundleManifest.TABLE);
  }

  /**
   * Returns the tokenizer's file.
   *
   * @throws IOException if its content is not what the manifest says
   */
  public Path tokenizer() throws IOException {
    return check(BundleManifest.TOKENIZER, manifest.tokenizerFingerprint());
  }

  /**
   * Returns the shape of the f-gram model.
   *
   * @throws IOException if the bundle is a baseline's, which has none
   */
  public BundleManifest.FgramModel fgramShape() throws IOException {
    requireFgrams();
    return manifest.fgramModel();
  }

  /**
   * Returns the file of the f-grams.
   *
   * @throws IOException if there is none, as in a baseline, or its content is not what the manifest
   *     says
   */
  public Path fgrams() throws IOException {
    requireFgrams();
    return check(BundleManifest.FGRAMS, manifest.fgramsFingerprint());
  }

  /**
   * Returns the main model's graph; its weights lie in it or beside it.
   *
   * @throws IOException if their content is not what the manifest says
   */
  public Path mainModel() throws IOException {
    return checkModel(BundleManifest.MAIN_MODEL);
  }

  /**
   * Returns the f-gram model's graph; its weights lie in it or beside it.
   *
   * @throws IOException if there is none, as in a baseline, or their content is not what the
   *     manifest says
   */
  public Path fgramModel() throws IOException {
    requireFgrams();
    return checkModel(BundleManifest.FGRAM_MODEL);
  }

  private Path checkModel(String graph) throws IOException {
    for (String name : manifest.files().keySet()) {
      if (name.startsWith(graph)) {
        check(name, manifest.files().get(name));
      }
    }
    return directory.resolve(graph);
  }

  private Path check(String name, String fingerprint) throws IOException {
    Path file = directory.resolve(name);
    if (!checked.contains(name)) {
      String found = Fingerprint.of(file);
      if (!found.equals(fingerprint)) {
        throw new IOException(
            file
                + " is not the file this bundle was made with: its fingerprint is "
                + found
                + ", the manifest says "
                + fingerprint
                + "; copy or export the bundle again");
      }
      checked.add(name);
    }
    return file;
  }

  private void requireFgrams() throws IOException {
    if (!manifest.hasFgrams()) {
      throw new IOException(directory + " is a baseline: it has no f-grams, and so no rows");
    }
  }

  private void require(String name) throws IOException {
    if (!Files.isRegularFile(directory.resolve(name))) {
      throw new IOException(directory + " is not a complete bundle: it has no " + name);
    }
  }
}
