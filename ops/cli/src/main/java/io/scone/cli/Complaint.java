package io.scone.cli;

import io.scone.run.NearestName;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How a command says what went wrong: in one sentence, and of its own bugs with a stack trace. */
final class Complaint {
  private Complaint() {}

  /** Says what is wrong with a command line, and returns the exit code. */
  static int usage(ParameterException e) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    String sentence =
        e instanceof UnmatchedArgumentException unmatched
            ? unmatched(command, unmatched)
            : e.getMessage();
    PrintWriter err = e.getCommandLine().getErr();
    err.println("scone: " + uncapitalized(sentence.replaceAll("\\s+", " ")));
    err.println("       " + command.qualifiedName() + " --help says more");
    return CommandLine.ExitCode.USAGE;
  }

  /** Says what a command failed of, and returns the exit code. */
  static int failure(Exception e, PrintWriter err) {
    Throwable told = e;
    while (told.getCause() != null
        && (told instanceof UncheckedIOException
            || told instanceof CompletionException
            || told instanceof ExecutionException)) {
      told = told.getCause();
    }
    if (isBug(told)) {
      e.printStackTrace(err);
    }
    err.println("scone: " + (told.getMessage() == null ? told.toString() : sentence(told)));
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** Says that Java had too little memory, and returns the exit code. */
  static int outOfMemory(OutOfMemoryError e, PrintWriter err) {
    err.println(
        "scone: Java has too little memory ("
            + e.getMessage()
            + "); give it more, as SCONE_JAVA_OPTS=-Xmx8g does, or ask for less at once");
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static String sentence(Throwable e) {
    // Of these the message is no more than the file.
    if (e instanceof FileSystemException file && file.getFile() != null) {
      return reason(file);
    }
    return e.getMessage();
  }

  /** Returns what is wrong with a file, in words. */
  static String reason(FileSystemException e) {
    if (e.getReason() != null) {
      return e.getMessage();
    }
    if (e instanceof NoSuchFileException) {
      return "'" + e.getFile() + "' is not there, and cannot be made";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "'" + e.getFile() + "' is there already";
    }
    if (e instanceof AccessDeniedException) {
      return "this user has no right to '" + e.getFile() + "'";
    }
    return e.getMessage();
  }

  private static String unmatched(CommandSpec command, UnmatchedArgumentException e) {
    List<String> words = e.getUnmatched();
    String word = words.get(0);
    if (e.isUnknownOption()) {
      Set<String> options = new TreeSet<>(command.optionsMap().keySet());
      String name = word.replaceFirst("=.*", "");
      return command.qualifiedName()
          + " has no option '"
          + name
          + "'"
          + NearestName.suggest(name, options);
    }
    if (!command.subcommands().isEmpty()) {
      return command.qualifiedName()
          + " has no command '"
          + word
          + "'"
          + NearestName.suggest(word, command.subcommands().keySet());
    }
    return command.qualifiedName() + " does not take '" + String.join(" ", words) + "'";
  }

  private static String uncapitalized(String sentence) {
    boolean isWord = sentence.length() > 1 && Character.isLowerCase(sentence.charAt(1));
    String begun =
        isWord ? Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1) : sentence;
    return begun.endsWith(".") ? begun.substring(0, begun.length() - 1) : begun;
  }

  /** Says whether an exception can only come from a mistake in the program itself. */
  private static boolean isBug(Throwable e) {
    return e instanceof NullPointerException
        || e instanceof IndexOutOfBoundsException
        || e instanceof ClassCastException
        || (e.getMessage() == null && !(e instanceof IOException));
  }
}
