package io.scone.cli;

import io.scone.client.Matches;
import io.scone.client.Rows;
import io.scone.client.SconeClient;
import io.scone.client.SconeClientBuilder;
import io.scone.client.TokenWindows;
import io.scone.inference.Bundle;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.TableInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows which f-grams a server matches in a text, and their rows. */
@Command(
    name = "lookup",
    description = "Asks a cache server for the longest f-gram at each token of a text.")
final class LookupCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("position", "token", "text", "fgram", "length", "values");

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ClientOptions options;

  @Option(
      names = "--server",
      paramLabel = "ADDRESS",
      description =
          "The cache server: HOST:PORT, replicas with commas between, dns:///NAME:PORT, unix:/PATH;"
              + " shards of a table with semicolons between.")
  private String server = "localhost:" + SconeClient.DEFAULT_PORT;

  @Option(
      names = "--table",
      paramLabel = "NAME",
      showDefaultValue = Visibility.NEVER,
      description = "The table, if not the default.")
  private String table = "";

  @Option(
      names = "--tokenizer",
      paramLabel = "gpt2|FILE",
      description = "gpt2, or a tokenizer.json: how text becomes tokens.")
  private String tokenizerName;

  @Option(
      names = "--bundle",
      paramLabel = "DIR",
      description =
          "A model directory: its tokenizer is used, and a table of another model is refused.")
  private Path bundle;

  @Option(
      names = "--tokens",
      paramLabel = "TOKEN",
      split = ",",
      description = "Tokens instead of a text, such as 262,1573,286.")
  private int[] tokens;

  @Option(
      names = "--values",
      paramLabel = "N",
      description = "How many values of each row to show.")
  private int shownValues = 4;

  @Parameters(
      paramLabel = "TEXT",
      arity = "0..*",
      showDefaultValue = Visibility.NEVER,
      description = "The text; words are joined.")
  private List<String> text = List.of();

  @Override
  public Integer call() throws IOException {
    checkUsage();
    SconeClientBuilder builder = options.builder(server).table(table);
    if (bundle != null) {
      builder.modelFingerprint(Bundle.open(bundle).manifest().modelFingerprint());
    }
    try (SconeClient client = builder.build();
        Tokenizer tokenizer = tokenizer()) {
      if (tokenizer != null) {
        checkTokenizer(tokenizer, client.serverInfo());
      }
      int[] asked = tokens != null ? tokens : tokenizer.encode(String.join(" ", text));
      print(asked, tokenizer, client.match(TokenWindows.of(asked)));
    }
    return CommandLine.ExitCode.OK;
  }

  private void checkUsage() {
    if ((tokens == null) == text.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "Give either a text or --tokens.");
    }
    if (tokenizerName != null && bundle != null) {
      throw new ParameterException(
          spec.commandLine(), "Give either --tokenizer or --bundle: a bundle has its tokenizer.");
    }
    if (tokens == null && tokenizerName == null && bundle == null) {
      throw new ParameterException(
          spec.commandLine(), "Give --tokenizer or --bundle: a text has to become tokens.");
    }
  }

  /** Returns the tokenizer, or null where there are only tokens. */
  private Tokenizer tokenizer() throws IOException {
    if (bundle != null) {
      return Tokenizers.load(Bundle.open(bundle).tokenizer());
    }
    return tokenizerName == null ? null : Tokenizers.of(tokenizerName);
  }

  /** Refuses a tokenizer that the table was not made with: its tokens would mean other words. */
  private void checkTokenizer(Tokenizer tokenizer, GetServerInfoResponse info) throws IOException {
    for (TableInfo served : info.getTablesList()) {
      String name = served.getVersion().getTable();
      if (table.isEmpty() || table.equals(name)) {
        String wanted = served.getTokenizerFingerprint();
        if (!wanted.equals(tokenizer.fingerprint())) {
          throw new IOException(
              "table '"
                  + name
                  + "' was made with tokenizer "
                  + wanted
                  + ", not with "
                  + tokenizer.fingerprint());
        }
        return;
      }
    }
  }

  private void print(int[] asked, Tokenizer tokenizer, Matches matches) {
    List<List<Object>> rows = new ArrayList<>();
    int match = 0;
    for (int i = 0; i < asked.length; i++) {
      List<Object> row = new ArrayList<>();
      row.add(i);
      row.add(common.console().isJson() ? asked[i] : String.valueOf(asked[i]));
      row.add(tokenizer == null ? absent() : show(asked, i, 1, tokenizer));
      if (match < matches.count() && matches.position(match) == i) {
        int length = matches.length(match);
        row.add(show(asked, i - length + 1, length, tokenizer));
        row.add(length);
        row.add(show(matches.rows(), matches.rowIndex(match)));
        match++;
      } else {
        row.addAll(Collections.nCopies(3, absent()));
      }
      rows.add(row);
    }
    common.console().table(COLUMNS, rows);
  }

  /** Returns the text of tokens where it is known, else the tokens. */
  private Object show(int[] asked, int offset, int length, Tokenizer tokenizer) {
    boolean json = common.console().isJson();
    if (tokenizer == null) {
      int[] shown = Arrays.copyOfRange(asked, offset, offset + length);
      return json ? shown : Arrays.toString(shown);
    }
    String decoded = tokenizer.decode(asked, offset, length);
    return json ? decoded : "'" + decoded.replace("\n", "\\n") + "'";
  }

  private Object show(Rows rows, int row) {
    float[] values = new float[rows.codec().dim()];
    rows.decode(row, values, 0);
    int shown = Math.min(shownValues, values.length);
    if (common.console().isJson()) {
      return Arrays.copyOf(values, shown);
    }
    String start =
        IntStream.range(0, shown)
            .mapToObj(i -> String.format(Locale.ROOT, "%.4f", values[i]))
            .collect(Collectors.joining(" "));
    return shown < values.length ? start + " ..." : start;
  }

  private Object absent() {
    return common.console().isJson() ? null : "-";
  }
}
