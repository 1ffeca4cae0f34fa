#include "profiler/family.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "alert/error.h"
#include "tests/profiler/temporary_folder.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& content = "") {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << content;
}

std::vector<std::string> names_of(const Family& family) {
    std::vector<std::string> names;
    for (const ModelFile& model : family.models) {
        names.push_back(model.name);
    }
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a folder stands for the .pt files directly in it, by name") {
    const TemporaryFolder folder;
    for (const char* name : {"b.pt", "a.pt", "c.pt", "notes.txt", "d.pt.bak", "data/test.pt"}) {
        write(folder.path() / name);
    }
    fs::create_directory(folder.path() / "folder.pt");
    CHECK(names_of(find_family({folder.path()})) == Names{"a", "b", "c"});
    CHECK(names_of(find_family({folder.path().string() + "/"})) == Names{"a", "b", "c"});
}

TEST_CASE("hidden files of a folder are none of its networks") {
    const TemporaryFolder folder;
    for (const char* name : {"a.pt", "._a.pt", ".b.pt"}) {
        write(folder.path() / name);
    }
    CHECK(names_of(find_family({folder.path()})) == Names{"a"});
    // Asked for by name, one is as good as another.
    CHECK(names_of(find_family({folder.path() / ".b.pt"})) == Names{".b"});
    fs::remove(folder.path() / "a.pt");
    CHECK_THROWS_WITH(find_family({folder.path()}), Contains("no .pt file"));
}

TEST_CASE("a family.json may begin with a mark of the byte order") {
    const TemporaryFolder folder;
    write(folder.path() / "a.pt");
    write(folder.path() / "family.json", "\xef\xbb\xbf{\"fail_accuracy\": 0.25}");
    CHECK(find_family({folder.path()}).fail_accuracy == 0.25);
}

TEST_CASE("a family.json that cannot be read is refused, not passed over") {
    const TemporaryFolder folder;
    write(folder.path() / "a.pt");
    fs::create_directory(folder.path() / "family.json");
    CHECK_THROWS_WITH(find_family({folder.path()}),
                      Contains("family.json: cannot be read; check its permissions"));
}

TEST_CASE("titles that are none are refused") {
    const TemporaryFolder folder;
    write(folder.path() / "a.pt");
    for (const char* models : {"3", "[]", "[{\"title\": \"x\"}]", "{\"a\": 3}", "{\"a\": \"x\"}",
                               "{\"a\": {\"title\": 7}}"}) {
        write(folder.path() / "family.json", fmt::format("{{\"models\": {}}}", models));
        CHECK_THROWS_WITH(find_family({folder.path()}),
                          Contains("family.json: \"models\" must hold objects like {\"net\""));
    }
    write(folder.path() / "family.json", "{\"models\": {\"a\": {}, \"b\": {\"title\": \"B\"}}}");
    CHECK(find_family({folder.path()}).models[0].title.empty());
}

TEST_CASE("numbers in the names of a folder's files sort as numbers") {
    const TemporaryFolder folder;
    for (const char* name : {"net-18k.pt", "net-4k.pt", "net-1k.pt"}) {
        write(folder.path() / name);
    }
    CHECK(names_of(find_family({folder.path()})) == Names{"net-1k", "net-4k", "net-18k"});
}

TEST_CASE("files stay in the order given") {
    const TemporaryFolder folder;
    write(folder.path() / "z.pt");
    write(folder.path() / "a.pt");
    write(folder.path() / "more/m.pt");
    const Family family =
        find_family({folder.path() / "z.pt", folder.path() / "more", folder.path() / "a.pt"});
    CHECK(names_of(family) == Names{"z", "m", "a"});
    CHECK(family.models[1].file == folder.path() / "more/m.pt");
}

TEST_CASE("a network's file is stored as an absolute path") {
    const TemporaryFolder folder;
    write(folder.path() / "a.pt");
    const fs::path relative = fs::relative(folder.path() / "a.pt");
    CHECK(find_family({relative}).models[0].file == folder.path() / "a.pt");
}

TEST_CASE("without a family.json a family classifies images and its fail accuracy is open") {
    const TemporaryFolder folder;
    write(folder.path() / "a.pt");
    const Family family = find_family({folder.path()});
    CHECK(family.task == "image classification");
    CHECK_FALSE(family.fail_accuracy);
    CHECK_FALSE(family.perplexity);
    CHECK(family.models[0].title.empty());
}

TEST_CASE("a family.json gives task, fail accuracy and titles") {
    const TemporaryFolder folder;
    write(folder.path() / "a.pt");
    write(folder.path() / "b.pt");
    write(folder.path() / "family.json",
          R"({"task": "words", "fail_accuracy": 0.02, "accuracy": "top-5", "perplexity": true,
        "models": {"a": {"title": "the small one", "parameters": 7}, "absent": {"title": "x"}}})");
    for (const Family& family : {find_family({folder.path()}),
                                 find_family({folder.path() / "a.pt", folder.path() / "b.pt"})}) {
        CHECK(family.task == "words");
        CHECK(family.fail_accuracy == 0.02);
        CHECK(family.top == 5);
        CHECK(family.perplexity == true);
        CHECK(family.models[0].title == "the small one");
        CHECK(family.models[1].title.empty());
    }
}

TEST_CASE("a family.json that is wrong is refused by its path and key") {
    const auto [json, says] = GENERATE(table<const char*, const char*>({
        {"{", "not JSON"},
        {"", "not JSON"},
        {"[1]", "must hold an object"},
        {R"({"task": 3})", "\"task\" must be a string"},
        {R"({"fail_accuracy": "0.1"})", "\"fail_accuracy\" must be a number from 0 to 1"},
        {R"({"fail_accuracy": -0.1})", "\"fail_accuracy\" must be a number from 0 to 1"},
        {R"({"fail_accuracy": 10})", "\"fail_accuracy\" must be a number from 0 to 1"},
        {R"({"accuracy": 5})", "\"accuracy\" must be \"top-1\", \"top-5\" or alike"},
        {R"({"accuracy": "top-0"})", "\"accuracy\" must be \"top-1\", \"top-5\" or alike"},
        {R"({"accuracy": "top-5x"})", "\"accuracy\" must be \"top-1\", \"top-5\" or alike"},
        {R"({"perplexity": [84.7]})", "\"perplexity\" must be true or false"},
    }));
    CAPTURE(json);
    const TemporaryFolder folder;
    write(folder.path() / "a.pt");
    write(folder.path() / "family.json", json);
    CHECK_THROWS_AS(find_family({folder.path()}), RequestError);
    CHECK_THROWS_WITH(find_family({folder.path()}),
                      Contains((folder.path() / "family.json").string()) && Contains(says));
}

TEST_CASE("families that are judged differently are not mixed") {
    const auto [key, one, two] = GENERATE(table<std::string, const char*, const char*>({
        {"fail_accuracy", "0.1", "0.2"},
        {"accuracy", "\"top-1\"", "\"top-5\""},
        {"perplexity", "true", "false"},
    }));
    const TemporaryFolder folder;
    write(folder.path() / "one/a.pt");
    write(folder.path() / "one/family.json", "{\"" + key + "\": " + one + "}");
    write(folder.path() / "two/b.pt");
    write(folder.path() / "two/family.json", "{\"" + key + "\": " + two + "}");
    CHECK_THROWS_WITH(find_family({folder.path() / "one", folder.path() / "two"}),
                      Contains("two/family.json: \"" + key + "\" differs") &&
                          Contains("profile them separately"));
}

TEST_CASE("two networks of one name are refused") {
    const TemporaryFolder folder;
    write(folder.path() / "one/a.pt");
    write(folder.path() / "two/a.pt");
    CHECK_THROWS_AS(find_family({folder.path() / "one", folder.path() / "two"}), RequestError);
    CHECK_THROWS_WITH(find_family({folder.path() / "one", folder.path() / "two"}),
                      Contains("two networks are named a") && EndsWith("rename one of them"));
}

TEST_CASE("a path that is not there is named") {
    const TemporaryFolder folder;
    const fs::path absent = folder.path() / "absent.pt";
    CHECK_THROWS_AS(find_family({absent}), RequestError);
    CHECK_THROWS_WITH(find_family({absent}), Contains("--models " + absent.string()) &&
                                                 Contains("no such file or folder"));
}

TEST_CASE("a folder without networks is named") {
    const TemporaryFolder folder;
    write(folder.path() / "notes.txt");
    write(folder.path() / "deeper/a.pt");
    CHECK_THROWS_AS(find_family({folder.path()}), RequestError);
    CHECK_THROWS_WITH(find_family({folder.path()}), Contains("no .pt file directly"));
}
