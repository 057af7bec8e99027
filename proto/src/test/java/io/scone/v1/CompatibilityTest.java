package io.scone.v1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The protos beside those of each release, whose descriptor set is kept: what a release can say is
 * said in the same bytes and the same JSON ever after. A release adds its own:
 *
 * <pre>{@code
 * buf build proto --exclude-source-info --as-file-descriptor-set \
 *     -o proto/src/test/resources/releases/VERSION.binpb
 * }</pre>
 */
class CompatibilityTest {
  private static final Path RELEASES = Path.of("src", "test", "resources", "releases");
  private static final List<FileDescriptorProto> PROTOS =
      Stream.of(
              Row.getDescriptor(),
              EmbeddingServiceOuterClass.getDescriptor(),
              TableServiceOuterClass.getDescriptor())
          .map(FileDescriptor::toProto)
          .toList();

  @ParameterizedTest
  @MethodSource("releases")
  void allThatAReleaseHasIsThereUnchanged(Path release) throws IOException {
    List<FileDescriptorProto> files =
        FileDescriptorSet.parseFrom(Files.readAllBytes(release)).getFileList();
    assertTrue(contract(files).size() > 100, "a descriptor set of little or nothing");
    assertEquals(Set.of(), lost(files, PROTOS));
  }

  static List<Path> releases() throws IOException {
    try (Stream<Path> files = Files.list(RELEASES)) {
      return files.filter(file -> file.toString().endsWith(".binpb")).sorted().toList();
    }
  }

  @Test
  void whatWouldBreakAClientIsNamed() {
    FileDescriptorProto.Builder file = Row.getDescriptor().toProto().toBuilder();
    DescriptorProto.Builder format = file.getMessageTypeBuilder(0);
    format.getFieldBuilder(0).setLabel(FieldDescriptorProto.Label.LABEL_REPEATED);
    format.getFieldBuilder(1).setNumber(4);
    format.getFieldBuilder(2).setType(FieldDescriptorProto.Type.TYPE_UINT64);
    file.getMessageTypeBuilder(1).removeField(2).getFieldBuilder(1).setName("fingerprint");
    file.getEnumTypeBuilder(0).getValueBuilder(3).setNumber(7);
    assertEquals(
        Set.of(
            "field scone.v1.RowFormat.type = 1, an optional .scone.v1.RowType",
            "field scone.v1.RowFormat.dim = 2, an optional uint32",
            "field scone.v1.RowFormat.row_bytes = 3, an optional uint32",
            "field scone.v1.TableVersion.version = 2, an optional string",
            "field scone.v1.TableVersion.model_fingerprint = 3, an optional string",
            "value scone.v1.RowType.ROW_TYPE_BF16 = 3"),
        lost(List.of(Row.getDescriptor().toProto()), List.of(file.build())));

    FileDescriptorProto embedding = EmbeddingServiceOuterClass.getDescriptor().toProto();
    FileDescriptorProto.Builder other = embedding.toBuilder();
    other.getServiceBuilder(0).getMethodBuilder(0).setOutputType(".scone.v1.MatchReply");
    other.getServiceBuilder(0).getMethodBuilder(1).setServerStreaming(false);
    assertEquals(
        Set.of(
            "method scone.v1.EmbeddingService/Match: .scone.v1.MatchRequest to"
                + " .scone.v1.MatchResponse",
            "method scone.v1.EmbeddingService/StreamMatch: stream .scone.v1.StreamMatchRequest to"
                + " stream .scone.v1.StreamMatchResponse"),
        lost(List.of(embedding), List.of(other.build())));
  }

  @Test
  void additionsBreakNobody() {
    FileDescriptorProto row = Row.getDescriptor().toProto();
    FileDescriptorProto.Builder more = row.toBuilder();
    more.getMessageTypeBuilder(0)
        .addField(
            FieldDescriptorProto.newBuilder()
                .setName("more")
                .setNumber(9)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                .setType(FieldDescriptorProto.Type.TYPE_BOOL));
    more.addMessageType(DescriptorProto.newBuilder().setName("More"));
    assertEquals(Set.of(), lost(List.of(row), List.of(more.build())));
  }

  private static Set<String> lost(List<FileDescriptorProto> from, List<FileDescriptorProto> to) {
    Set<String> lost = new TreeSet<>(contract(from));
    lost.removeAll(contract(to));
    return lost;
  }

  /** Returns all that matters on the wire and in JSON, a sentence each. */
  private static Set<String> contract(List<FileDescriptorProto> files) {
    Set<String> contract = new TreeSet<>();
    for (FileDescriptorProto file : files) {
      String scope = file.getPackage() + ".";
      file.getMessageTypeList().forEach(message -> addMessage(message, scope, contract));
      file.getEnumTypeList().forEach(type -> addEnum(type, scope, contract));
      file.getServiceList()
          .forEach(
              service ->
                  service
                      .getMethodList()
                      .forEach(
                          method ->
                              contract.add(
                                  "method " + scope + service.getName() + "/" + told(method))));
    }
    return contract;
  }

  private static void addMessage(DescriptorProto message, String outer, Set<String> contract) {
    String scope = outer + message.getName() + ".";
    contract.add("message " + outer + message.getName());
    for (FieldDescriptorProto field : message.getFieldList()) {
      String oneof =
          field.hasOneofIndex()
              ? " of " + message.getOneofDecl(field.getOneofIndex()).getName()
              : "";
      contract.add("field " + scope + told(field) + oneof);
    }
    message.getNestedTypeList().forEach(nested -> addMessage(nested, scope, contract));
    message.getEnumTypeList().forEach(nested -> addEnum(nested, scope, contract));
  }

  private static void addEnum(EnumDescriptorProto type, String outer, Set<String> contract) {
    type.getValueList()
        .forEach(
            value ->
                contract.add(
                    "value "
                        + (outer + type.getName() + "." + value.getName())
                        + (" = " + value.getNumber())));
  }

  private static String told(FieldDescriptorProto field) {
    String label =
        field.getLabel() == FieldDescriptorProto.Label.LABEL_REPEATED
            ? "a repeated "
            : "an optional ";
    return field.getName()
        + " = "
        + field.getNumber()
        + ", "
        + label
        + (field.hasTypeName() ? field.getTypeName() : lowerCase(field.getType()));
  }

  private static String lowerCase(FieldDescriptorProto.Type type) {
    return type.name().substring("TYPE_".length()).toLowerCase(Locale.ROOT);
  }

  private static String told(MethodDescriptorProto method) {
    return method.getName()
        + ": "
        + (method.getClientStreaming() ? "stream " : "")
        + method.getInputType()
        + " to "
        + (method.getServerStreaming() ? "stream " : "")
        + method.getOutputType();
  }
}
