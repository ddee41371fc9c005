import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints expected.jsonl: what Java makes of patterns. Run with `java Patterns.java > expected.jsonl` (Java 17 or later). */
public class Patterns {
    static final String[] ZONES = {"UTC", "Asia/Kathmandu", "America/New_York"};
    static final long[] TIMES = {0L, 1572787459223L, 1767225599999L, 1709208000001L, 1782907200000L, 1793510999000L};
    static final String[] PATTERNS = {
        "G", "GGGG", "GGGGG", "y", "yy", "yyy", "yyyy", "yyyyy", "u", "uu", "uuuu", "Y", "YY", "YYYY", "D",
        "DD", "DDD", "DDDD", "Q", "QQ", "QQQ", "QQQQ", "QQQQQ", "q", "qqq", "qqqq", "M", "MM", "MMM", "MMMM",
        "MMMMM", "L", "LL", "LLL", "LLLL", "LLLLL", "w", "ww", "www", "W", "WW", "d", "dd", "ddd", "g",
        "gggggg", "E", "EE", "EEE", "EEEE", "EEEEE", "EEEEEE", "e", "ee", "eee", "eeee", "eeeee", "c", "cc",
        "ccc", "cccc", "ccccc", "a", "aa", "B", "BBBB", "BBBBB", "BB", "H", "HH", "HHH", "k", "kk", "K", "KK",
        "h", "hh", "m", "mm", "s", "ss", "S", "SSS", "SSSSSSSSS", "SSSSSSSSSS", "A", "AAAAAAAAA", "n", "N",
        "O", "OO", "OOOO", "X", "XX", "XXX", "XXXX", "XXXXX", "XXXXXX", "x", "xx", "xxx", "xxxx", "xxxxx",
        "Z", "ZZ", "ZZZ", "ZZZZ", "ZZZZZ", "ZZZZZZ", "yyyy/MM/dd/HH/", "'year='yyyy'/month='MM",
        "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "[yyyy][MM]", "]yyyy", "yyyy''MM", "'it''s'", "'open", "{yyyy",
        "yyyy#", "C", "I", "J", "P", "R", "T", "U", "b", "f", "i", "j", "l", "o", "r", "t",
    };

    public static void main(String[] arguments) {
        List<String> lines = new ArrayList<>();
        for (String pattern : PATTERNS) {
            lines.add("{\"pattern\": " + quoted(pattern) + ", \"texts\": " + texts(pattern) + "}");
        }
        System.out.println(String.join("\n", lines));
    }

    /** One text for each zone and time, or null for a pattern that Java refuses. */
    static String texts(String pattern) {
        DateTimeFormatter formatter;
        try {
            formatter = DateTimeFormatter.ofPattern(pattern, Locale.US);
        } catch (IllegalArgumentException error) {
            return "null";
        }
        List<String> texts = new ArrayList<>();
        for (String zone : ZONES) {
            for (long time : TIMES) {
                texts.add(quoted(formatter.format(Instant.ofEpochMilli(time).atZone(ZoneId.of(zone)))));
            }
        }
        return texts.toString();
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
