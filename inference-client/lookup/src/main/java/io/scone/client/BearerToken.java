package io.scone.client;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The token that a client sends with every call, so that the server knows its rights.
 *
 * <p>Whoever reads the network reads the token: send it over {@link Tls} or a Unix socket only.
 */
public final class BearerToken {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Supplier<String> source;

  private BearerToken(Supplier<String> source) {
    this.source = source;
  }

  /** Returns a token that is asked for with every call; the supplier must not wait. */
  public static BearerToken of(Supplier<String> source) {
    return new BearerToken(source);
  }

  /** Returns the token that a file holds, white space around it left out; read when it changes. */
  public static BearerToken ofFile(Path file) {
    return new BearerToken(new TokenFile(file));
  }

  /** Returns what gRPC adds to a call. */
  CallCredentials credentials() {
    return new CallCredentials() {
      @Override
      public void applyRequestMetadata(
          RequestInfo request, Executor executor, MetadataApplier applier) {
        String token;
        try {
          token = source.get();
        } catch (RuntimeException e) {
          applier.fail(
              Status.UNAUTHENTICATED
                  .withDescription("there is no token to send: " + e.getMessage())
                  .withCause(e));
          return;
        }
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + token);
        applier.apply(headers);
      }
    };
  }

  /** Keeps the secret out of logs. */
  @Override
  public String toString() {
    return "BearerToken[***]";
  }

  private static final class TokenFile implements Supplier<String> {
    private final Path file;
    private FileTime readAt;
    private String token;

    TokenFile(Path file) {
      this.file = file;
    }

    @Override
    public synchronized String get() {
      try {
        FileTime modified = Files.getLastModifiedTime(file);
        if (!modified.equals(readAt)) {
          token = Files.readString(file).strip();
          readAt = modified;
        }
      } catch (IOException e) {
        throw new IllegalStateException("cannot read " + file, e);
      }
      if (token.isEmpty()) {
        throw new IllegalStateException(file + " is empty");
      }
      return token;
    }
  }
}
