#include "http/client_address.h"

#include <gtest/gtest.h>

#include "http/message.h"

namespace latchkey::http {
namespace {

ClientAddress address(std::string_view text) { return ClientAddress::parse(text).value(); }

TrustedProxies proxies(std::initializer_list<const char*> ranges) {
  std::vector<AddressRange> parsed;
  for (const char* range : ranges) parsed.push_back(AddressRange::parse(range).value());
  return TrustedProxies(std::move(parsed));
}

TEST(ClientAddress, ReadsAndWritesBothFamilies) {
  EXPECT_EQ(address("192.0.2.1").to_string(), "192.0.2.1");
  EXPECT_EQ(address("2001:DB8:0::1").to_string(), "2001:db8::1");
  for (const char* bad :
       {"", "1.2.3", "1.2.3.4.5", "1.2.3.4:80", "[::1]", "fe80::1%eth0", "localhost", "::g"}) {
    EXPECT_FALSE(ClientAddress::parse(bad)) << bad;
  }
  EXPECT_FALSE(ClientAddress::parse(std::string_view("1.2.3.4\0", 8)));
}

TEST(ClientAddress, FoldsMappedAddresses) {
  EXPECT_EQ(address("::ffff:192.0.2.1"), address("192.0.2.1"));
  EXPECT_EQ(address("::ffff:c000:201").to_string(), "192.0.2.1");
}

TEST(ClientAddress, LimitsCountIpv4WholeAndIpv6ByItsSlash64) {
  EXPECT_NE(address("192.0.2.1").limit_key(), address("192.0.2.2").limit_key());
  EXPECT_EQ(address("2001:db8:1:2::1").limit_key(), address("2001:db8:1:2:ffff::9").limit_key());
  EXPECT_NE(address("2001:db8:1:2::1").limit_key(), address("2001:db8:1:3::1").limit_key());
  EXPECT_EQ(address("::ffff:192.0.2.1").limit_key(), address("192.0.2.1").limit_key());
}

TEST(AddressRange, ContainsWhatItsBitsSay) {
  const auto contains = [](const char* range, const char* text) {
    return AddressRange::parse(range).value().contains(address(text));
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(contains("172.16.0.0/12", "172.31.255.255"));
  EXPECT_FALSE(contains("172.16.0.0/12", "172.32.0.0"));
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.1.1"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(contains("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  for (const char* bad :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/8x", "x/8", "10.0.0.0/-1"}) {
    EXPECT_FALSE(AddressRange::parse(bad)) << bad;
  }
}

class Forwarded : public ::testing::Test {
 protected:
  std::string client(const char* peer, std::vector<HeaderView> headers) {
    return trusted_.find_client(address(peer), headers).to_string();
  }
  TrustedProxies trusted_ = proxies({"10.0.0.0/8", "2001:db8:ffff::/48"});
};

TEST_F(Forwarded, ForgedHeadersOfAnUntrustedPeerDoNotCount) {
  EXPECT_EQ(client("192.0.2.9", {{"X-Forwarded-For", "1.1.1.1"}, {"Forwarded", "for=1.1.1.1"}}), "192.0.2.9");
}

TEST_F(Forwarded, WalksFromTheRightPastTrustedProxies) {
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6, 192.0.2.1, 10.0.0.2"}}), "192.0.2.1");
  EXPECT_EQ(client("10.0.0.1", {{"x-forwarded-for", "6.6.6.6"}, {"X-Forwarded-For", "192.0.2.1"}}),
            "192.0.2.1");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}}), "10.0.0.3");
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
}

TEST_F(Forwarded, ReadsTheFormsOfRfc7239) {
  EXPECT_EQ(client("10.0.0.1", {{"Forwarded", "for=192.0.2.43"}}), "192.0.2.43");
  EXPECT_EQ(client("10.0.0.1", {{"Forwarded", "proto=https;For=\"192.0.2.43:4711\";by=10.0.0.1"}}),
            "192.0.2.43");
  EXPECT_EQ(client("10.0.0.1", {{"Forwarded", "for=6.6.6.6, for=\"[2001:db8:cafe::17]:4711\""}}),
            "2001:db8:cafe::17");
  EXPECT_EQ(client("10.0.0.1", {{"Forwarded", "for=192.0.2.43;host=\"a,b;for=6.6.6.6\""}}), "192.0.2.43");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "[2001:db8::1]:99"}}), "2001:db8::1");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "2001:db8::1"}}), "2001:db8::1");
}

TEST_F(Forwarded, AnUnreadableHopEndsTheWalk) {
  for (const char* bad : {"unknown", "_hidden", "", "999.1.1.1", "\"[::1\"", "[::1]x"}) {
    EXPECT_EQ(client("10.0.0.1", {{"Forwarded", std::string("for=") + bad}}), "10.0.0.1") << bad;
  }
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "192.0.2.1, garbage, 10.0.0.2"}}), "10.0.0.2");
  EXPECT_EQ(client("10.0.0.1", {{"Forwarded", "proto=https"}}), "10.0.0.1");
}

TEST_F(Forwarded, HeadersThatDisagreeDoNotCount) {
  EXPECT_EQ(client("10.0.0.1", {{"Forwarded", "for=6.6.6.6"}, {"X-Forwarded-For", "192.0.2.1"}}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {{"Forwarded", "for=192.0.2.1"}, {"X-Forwarded-For", "192.0.2.1"}}),
            "192.0.2.1");
}

}  // namespace
}  // namespace latchkey::http
