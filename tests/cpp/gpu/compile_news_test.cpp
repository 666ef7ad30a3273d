// What people hear while kernels are compiled.
#include "gpu/compile_news.h"

#include "googletest.h"

using namespace openswirl;

namespace {

class CompileNews : public testing::Test {
 protected:
  CompileNews() { take_news(); }
};

}  // namespace

TEST_F(CompileNews, SaysThatItBeganHowFarItIsAndHowLongItTook) {
  gpu::CompileNews news("kernels", std::chrono::seconds(0));
  news.begins();
  news.begins();
  news.ends();
  EXPECT_EQ(take_news(), (std::vector<std::string>{"compiling kernels, once", "compiled 1 kernels so far"}));
  news.ends();
  take_news();
  news.finished("; kept");
  const std::vector<std::string> last = take_news();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].find("compiled 2 kernels in "), 0u) << last[0];
  EXPECT_NE(last[0].find(" s; kept"), std::string::npos) << last[0];
}

TEST_F(CompileNews, SaysNothingInBetweenBeforeItIsTime) {
  gpu::CompileNews news("kernels", std::chrono::hours(1));
  news.begins();
  news.ends();
  EXPECT_EQ(take_news(), std::vector<std::string>{"compiling kernels, once"});
}

TEST_F(CompileNews, SaysNothingWhereNothingIsCompiled) {
  gpu::CompileNews("kernels").finished();
  EXPECT_TRUE(take_news().empty());
}
