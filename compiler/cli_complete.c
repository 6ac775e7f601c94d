/* cli_complete.c: completion of the command line of lrsc in shells, from the tables of verbs and options. A script says what it
 * needs to know by tables of its own, and the rest of it is the same whatever the options are. */
#include "cli_manual.h"

#include <string.h>
#include "cli_table.h"

/* ---- what an option takes ---------------------------------------------------------------------- */

enum takes { TAKES_NOTHING, TAKES_ANY, TAKES_WORD, TAKES_WORDS, TAKES_FILE, TAKES_DIR };

/* By the name of its argument. *suffix: of the files; "": all are offered. */
static enum takes takes(const option_row *r, int verb, const char **suffix)
{
    *suffix = "";
    if (!r->arg) {
        return TAKES_NOTHING;
    }
    if (cli_word_at(r->fn, verb, 0)) {
        return strstr(r->arg, ",...") ? TAKES_WORDS : TAKES_WORD;
    }
    if (strncmp(r->arg, "FILE", 4) == 0) {
        *suffix = r->arg + 4;
        return TAKES_FILE;
    }
    return strcmp(r->arg, "OUT") == 0 ? TAKES_FILE : strcmp(r->arg, "DIR") == 0 ? TAKES_DIR : TAKES_ANY;
}

static const option_row *find_option(int verb, const char *option, size_t n)
{
    for (const option_row *r = option_rows; r->verbs; r++) {
        if ((r->verbs & verb) && r->name && r->arg && n == strlen(r->name) + 2 && strncmp(option, "--", 2) == 0 && strncmp(option + 2, r->name, n - 2) == 0) {
            return r;
        }
    }
    return NULL;
}

const char *cli_option_word(int verb, const char *option, size_t n, size_t i)
{
    const option_row *r = find_option(verb, option, n);
    return r ? cli_word_at(r->fn, verb, i) : NULL;
}

const char *cli_option_suffix(int verb, const char *option, size_t n)
{
    const option_row *r = find_option(verb, option, n);
    const char *suffix = "";
    return r && takes(r, verb, &suffix) == TAKES_FILE ? suffix : NULL;
}

static void put_words(FILE *f, const option_row *r, int verb)
{
    const char *word;
    for (size_t i = 0; (word = cli_word_at(r->fn, verb, i)) != NULL; i++) {
        fprintf(f, "%s%s", i ? " " : "", word);
    }
}

/* The beginning of a help, up to what explains it further. */
static size_t short_help(const char *help)
{
    static const char *const ends[] = {"; ", ": ", " (", ", e.g.", ", `"};
    size_t n = strlen(help);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *end = strstr(help, ends[i]);
        n = end && (size_t)(end - help) < n ? (size_t)(end - help) : n;
    }
    return n;
}

/* ---- bash -------------------------------------------------------------------------------------- */

static const char bash_begin[] =
    "# Completion of lrsc in bash, 3.2 or newer. Made by `lrsc --print=bash`.\n"
    "_lrsc() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' option='' lead='' options='' suffix='' takes='' words='' i\n"
    "    COMPREPLY=()\n";

static const char bash_middle[] =
    "    # The value of an option: `--emit=c`, in one word or in three, and `--emit c`.\n"
    "    if [ \"$cur\" = = ]; then\n"
    "        option=$prev cur=''\n"
    "    elif [ \"$prev\" = = ]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    else\n"
    "        case $cur in\n"
    "        --*=*) option=${cur%%=*} lead=$option= cur=${cur#*=} ;;\n"
    "        -*) ;;\n"
    "        *) option=$prev ;;\n"
    "        esac\n"
    "    fi\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        [ \"${COMP_WORDS[i]}\" = -- ] && option=-- # what follows is a file\n"
    "    done\n"
    "    case \"$verb $option\" in\n";

static const char bash_end[] =
    "    *)\n"
    "        takes=file\n"
    "        if [ \"$option\" != -- ]; then\n"
    "            case $cur in -*) takes=option ;; esac\n"
    "        fi\n"
    "        ;;\n"
    "    esac\n"
    "    case $takes in\n"
    "    option)\n"
    "        while IFS= read -r i; do COMPREPLY+=(\"$i\"); done < <(compgen -W \"$options\" -- \"$cur\")\n"
    "        case ${COMPREPLY[0]-} in *=) compopt -o nospace 2>/dev/null ;; esac\n"
    "        ;;\n"
    "    words)\n"
    "        case $cur in *,*) lead=$lead${cur%,*}, cur=${cur##*,} ;; esac\n"
    "        while IFS= read -r i; do COMPREPLY+=(\"$lead$i\"); done < <(compgen -W \"$words\" -- \"$cur\")\n"
    "        ;;\n"
    "    word) while IFS= read -r i; do COMPREPLY+=(\"$lead$i\"); done < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
    "    file | dir)\n"
    "        if [ $takes = file ]; then\n"
    "            while IFS= read -r i; do COMPREPLY+=(\"$lead$i\"); done < <(compgen -f -X \"!*$suffix\" -- \"$cur\")\n"
    "        fi\n"
    "        if [ $takes = dir ] || [ -n \"$suffix\" ]; then # on the way to a file of this suffix\n"
    "            while IFS= read -r i; do COMPREPLY+=(\"$lead$i\"); done < <(compgen -d -- \"$cur\")\n"
    "        fi\n"
    "        [ \"$COMP_CWORD\" = 1 ] && while IFS= read -r i; do COMPREPLY+=(\"$i\"); done < <(compgen -W \"$verbs\" -- \"$cur\")\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        ;;\n"
    "    esac\n"
    "}\n"
    "complete -F _lrsc lrsc\n";

static void put_spelling(FILE *f, const option_row *r)
{
    if (r->letter) {
        fprintf(f, "-%c%s", r->letter, r->tail ? r->tail : "");
    }
    if (r->name) {
        fprintf(f, "%s--%s%s", r->letter ? " " : "", r->name, r->arg ? "=" : "");
    }
}

static void put_bash_value(FILE *f, const verb_row *v, const option_row *r)
{
    static const char *const names[] = {[TAKES_ANY] = "any", [TAKES_WORD] = "word", [TAKES_WORDS] = "words", [TAKES_FILE] = "file", [TAKES_DIR] = "dir"};
    const char *suffix;
    enum takes t = takes(r, v->verb, &suffix);
    if (t == TAKES_NOTHING || *r->arg == '[') { /* an optional argument is part of the word */
        return;
    }
    if (r->name) {
        fprintf(f, "    '%s --%s') takes=%s", v->name, r->name, names[t]);
    } else {
        fprintf(f, "    '%s -%c%s') takes=%s", v->name, r->letter, r->tail ? r->tail : "", names[t]);
    }
    if (t == TAKES_WORD || t == TAKES_WORDS) {
        fputs(" words='", f);
        put_words(f, r, v->verb);
        fputc('\'', f);
    } else {
        fprintf(f, " suffix='%s'", suffix);
    }
    fputs(" ;;\n", f);
}

static void put_bash(FILE *f)
{
    fputs(bash_begin, f);
    fputs("    local verbs='", f);
    for (const verb_row *v = verb_rows + 1; v->name; v++) {
        fprintf(f, "%s%s", v == verb_rows + 1 ? "" : " ", v->name);
    }
    fputs("'\n    if [ \"$COMP_CWORD\" -gt 1 ]; then\n        case \" $verbs \" in *\" ${COMP_WORDS[1]} \"*) verb=${COMP_WORDS[1]} ;; esac\n    fi\n"
          "    case $verb in\n", f);
    for (const verb_row *v = verb_rows; v->name; v++) {
        fprintf(f, "    '%s') suffix=%s options='", v->name, v->suffix);
        for (const option_row *r = option_rows; r->verbs; r++) {
            if (r->verbs & v->verb) {
                put_spelling(f, r);
                fputc(' ', f);
            }
        }
        fputs("' ;;\n", f);
    }
    fputs("    esac\n", f);
    fputs(bash_middle, f);
    for (const verb_row *v = verb_rows; v->name; v++) {
        for (const option_row *r = option_rows; r->verbs; r++) {
            if (r->verbs & v->verb) {
                put_bash_value(f, v, r);
            }
        }
    }
    fputs(bash_end, f);
}

/* ---- zsh --------------------------------------------------------------------------------------- */

/* Text inside single quotes, and inside the brackets or before the colon of a specification. */
static void put_zsh_text(FILE *f, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\'') {
            fputs("'\\''", f);
        } else {
            fputs(strchr("[]:\\", text[i]) ? "\\" : "", f);
            fputc(text[i], f);
        }
    }
}

static void put_zsh_action(FILE *f, const verb_row *v, const option_row *r)
{
    const char *suffix;
    enum takes t = takes(r, v->verb, &suffix);
    fputs(*r->arg == '[' ? "::" : ":", f);
    put_zsh_text(f, r->arg, strlen(r->arg));
    fputc(':', f);
    if (t == TAKES_WORD) {
        fputc('(', f);
        put_words(f, r, v->verb);
        fputc(')', f);
    } else if (t == TAKES_WORDS) {
        fputs("_values -s , KIND ", f);
        put_words(f, r, v->verb);
    } else if (t == TAKES_FILE) {
        fprintf(f, *suffix ? "_files -g \"*%s\"" : "_files", suffix);
    } else if (t == TAKES_DIR) {
        fputs("_files -/", f);
    }
}

/* `repeated` is the * of those that may come several times. */
static void put_zsh_option(FILE *f, const verb_row *v, const option_row *r)
{
    const char *repeated = r->does == ADD_STRING || r->fn == cli_do_define ? "*" : "";
    for (int k = 0; k < 2; k++) {
        if (k ? !r->name : !r->letter) {
            continue;
        }
        if (k) {
            fprintf(f, "      '%s--%s%s[", repeated, r->name, r->arg ? "=" : "");
        } else { /* -o OUT or -oOUT; -O2 */
            fprintf(f, "      '%s-%c%s%s[", repeated, r->letter, r->tail ? r->tail : "", !r->arg ? "" : *r->arg == '[' ? "-" : "+");
        }
        if (r->help) {
            put_zsh_text(f, r->help, short_help(r->help));
        }
        fputc(']', f);
        if (r->arg) {
            put_zsh_action(f, v, r);
        }
        fputs("'\n", f);
    }
}

static void put_zsh(FILE *f)
{
    fputs("#compdef lrsc\n# Completion of lrsc in zsh. Made by `lrsc --print=zsh`.\n_lrsc() {\n  local -a verbs options\n  local verb=''\n  verbs=(\n", f);
    for (const verb_row *v = verb_rows + 1; v->name; v++) {
        fprintf(f, "    '%s:", v->name);
        put_zsh_text(f, v->what, strlen(v->what));
        fputs("'\n", f);
    }
    fputs("  )\n  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n    _describe -t verbs verb verbs\n    _files -g '*.lrs'\n    return\n  fi\n"
          "  if (( CURRENT > 2 )) && (( ${verbs[(I)$words[2]:*]} )); then\n    verb=$words[2]\n    shift words\n    (( CURRENT-- ))\n  fi\n"
          "  case $verb in\n", f);
    for (const verb_row *v = verb_rows; v->name; v++) {
        fprintf(f, "  '%s')\n    options=(\n", v->name);
        for (const option_row *r = option_rows; r->verbs; r++) {
            if (r->verbs & v->verb) {
                put_zsh_option(f, v, r);
            }
        }
        fprintf(f, "      '*:file:_files -g \"*%s\"'\n    ) ;;\n", v->suffix);
    }
    fputs("  esac\n  _arguments -S $options\n}\nif [[ $funcstack[1] = _lrsc ]]; then _lrsc \"$@\"; else compdef _lrsc lrsc; fi\n", f);
}

/* ---- fish -------------------------------------------------------------------------------------- */

static void put_fish_text(FILE *f, const char *text, size_t n)
{
    fputc('\'', f);
    for (size_t i = 0; i < n; i++) {
        fputs(text[i] == '\'' || text[i] == '\\' ? "\\" : "", f);
        fputc(text[i], f);
    }
    fputc('\'', f);
}

/* `compile` stands for no verb. */
static void put_fish_verbs(FILE *f, int verbs)
{
    if (verbs == VERB_ALL) {
        return;
    }
    fputs(" -n '__lrsc_is", f);
    for (const verb_row *v = verb_rows; v->name; v++) {
        if (verbs & v->verb) {
            fprintf(f, " %s", *v->name ? v->name : "compile");
        }
    }
    fputc('\'', f);
}

static void put_fish_option(FILE *f, const option_row *r, int verbs, int verb)
{
    const char *suffix;
    enum takes t = takes(r, verb, &suffix);
    fputs("complete -c lrsc", f);
    put_fish_verbs(f, verbs);
    if (r->letter) { /* -MD is a long option with one dash */
        fprintf(f, r->tail ? " -o %c%s" : " -s %c", r->letter, r->tail);
    }
    if (r->name) {
        fprintf(f, " -l %s", r->name);
    }
    if (t == TAKES_WORD || t == TAKES_WORDS) {
        fputs(t == TAKES_WORD ? " -x -a '" : " -x -a '(__fish_append , ", f);
        put_words(f, r, verb);
        fputs(t == TAKES_WORD ? "'" : ")'", f);
    } else if (t == TAKES_FILE && *suffix) {
        fprintf(f, " -x -k -a '(__lrsc_values %s)'", suffix);
    } else if (t == TAKES_FILE) {
        fputs(" -r -F", f);
    } else if (t == TAKES_DIR) {
        fputs(" -x -a '(__fish_complete_directories)'", f);
    } else if (t == TAKES_ANY && *r->arg != '[') {
        fputs(" -x", f);
    }
    if (r->help) {
        fputs(" -d ", f);
        put_fish_text(f, r->help, short_help(r->help));
    }
    fputc('\n', f);
}

static void put_fish(FILE *f)
{
    fputs("# Completion of lrsc in fish. Made by `lrsc --print=fish`.\n"
          "function __lrsc_is --description 'whether the verb of the command line is one of these'\n"
          "    set -l words (commandline -opc)\n    set -l verb compile\n"
          "    if set -q words[2]; and contains -- $words[2]", f);
    for (const verb_row *v = verb_rows + 1; v->name; v++) {
        fprintf(f, " %s", v->name);
    }
    fputs("\n        set verb $words[2]\n    end\n    contains -- $verb $argv\nend\n"
          "function __lrsc_values --description 'files for an option, without its name, which fish 4 repeats'\n"
          "    __fish_complete_suffix $argv | string replace -r '^--[a-z-]+=' ''\nend\n\ncomplete -c lrsc -e\ncomplete -c lrsc -f\n", f);
    for (const verb_row *v = verb_rows; v->name; v++) {
        if (*v->name) {
            fprintf(f, "complete -c lrsc -n 'test (count (commandline -opc)) = 1' -a %s -d ", v->name);
            put_fish_text(f, v->what, strlen(v->what));
            fputc('\n', f);
        }
        fputs("complete -c lrsc", f);
        put_fish_verbs(f, v->verb);
        fprintf(f, " -k -a '(__fish_complete_suffix %s)'\n", v->suffix);
    }
    for (const option_row *r = option_rows; r->verbs; r++) {
        if (r->fn != cli_do_format) {
            put_fish_option(f, r, r->verbs, r->verbs & -r->verbs); /* what it takes is the same in each */
            continue;
        }
        for (const verb_row *v = verb_rows; v->name; v++) {
            if (r->verbs & v->verb) {
                put_fish_option(f, r, v->verb, v->verb);
            }
        }
    }
}

void cli_completion(FILE *f, int shell)
{
    if (shell == PRINT_BASH) {
        put_bash(f);
    } else if (shell == PRINT_ZSH) {
        put_zsh(f);
    } else {
        put_fish(f);
    }
}
