// Shortcodes such as :gift: drawn as characters. Slack knows thousands; these are the ones that
// apps commonly use. A code that is not here is shown as it was typed, as Slack does.

import { h } from "../base/dom.js";

// One entry a line of names: "character name name2". Kept as text because it is read, not computed.
const TABLE = `
😀 grinning|😃 smiley|😄 smile|😁 grin|😅 sweat_smile|😂 joy|🤣 rolling_on_the_floor_laughing rofl
🙂 slightly_smiling_face|😉 wink|😊 blush|😍 heart_eyes|🤩 star-struck|😘 kissing_heart|😋 yum
😎 sunglasses|🤓 nerd_face|🤔 thinking_face thinking|🤨 face_with_raised_eyebrow|😐 neutral_face
😬 grimacing|😌 relieved|😔 pensive|😴 sleeping|🤒 face_with_thermometer|🥳 partying_face
😕 confused|😟 worried|🙁 slightly_frowning_face|😮 open_mouth|😲 astonished|😳 flushed
🥺 pleading_face|😨 fearful|😢 cry|😭 sob|😱 scream|😩 weary|😤 triumph|😡 rage|😠 angry|🤯 exploding_head
💀 skull|💩 hankey poop|🤖 robot_face robot|👻 ghost|🙈 see_no_evil|👋 wave|✋ hand raised_hand
👌 ok_hand|✌️ v|🤞 crossed_fingers|🤝 handshake|👍 +1 thumbsup|👎 -1 thumbsdown|👏 clap
🙌 raised_hands|🙏 pray|✍️ writing_hand|💪 muscle|👀 eyes|👁️ eye|🧠 brain|👤 bust_in_silhouette
👥 busts_in_silhouette|🙋 raising_hand|🤷 shrug|🤦 face_palm facepalm|🕵️ sleuth_or_spy detective
☝️ point_up|👆 point_up_2|👇 point_down|👈 point_left|👉 point_right|🫡 saluting_face
❤️ heart|🧡 orange_heart|💛 yellow_heart|💚 green_heart|💙 blue_heart|💜 purple_heart|🖤 black_heart
💔 broken_heart|💯 100|💥 boom collision|💫 dizzy|💬 speech_balloon|💭 thought_balloon|💤 zzz
✨ sparkles|⭐ star|🌟 star2|🔥 fire|⚡ zap|☀️ sunny|🌤️ mostly_sunny|☁️ cloud|🌧️ rain_cloud|❄️ snowflake
🌈 rainbow|🌊 ocean|🌍 earth_africa|🌎 earth_americas|🌏 earth_asia|🌐 globe_with_meridians|🌙 crescent_moon
🌱 seedling|🌳 deciduous_tree|🌸 cherry_blossom|💐 bouquet|🌹 rose|🍀 four_leaf_clover
☕ coffee|🍵 tea|🍷 wine_glass|🍺 beer|🥂 clinking_glasses|🍾 champagne|🍕 pizza|🍪 cookie|🍫 chocolate_bar
🎂 birthday|🍰 cake|🧁 cupcake|🍩 doughnut|🍎 apple|🥡 takeout_box
🎁 gift|🎀 ribbon|🎈 balloon|🎉 tada|🎊 confetti_ball|🏆 trophy|🥇 first_place_medal|🏅 sports_medal medal
🎯 dart|🎵 musical_note|🎬 clapper|🎨 art|🎟️ admission_tickets|🎫 ticket
📦 package|📬 mailbox_with_mail|📭 mailbox_with_no_mail|📫 mailbox|📮 postbox|✉️ email envelope
📧 e-mail|📨 incoming_envelope|📩 envelope_with_arrow|📤 outbox_tray|📥 inbox_tray|🏷️ label
🚚 truck|🚛 articulated_lorry|✈️ airplane|🚀 rocket|🚢 ship|🚗 car|🛒 shopping_trolley shopping_cart
🏠 house|🏢 office|🏬 department_store|🏪 convenience_store|🏭 factory|🏗️ building_construction|🛍️ shopping_bags
📍 round_pushpin|📌 pushpin|🗺️ world_map|🧭 compass|🏁 checkered_flag|🚩 triangular_flag_on_post
⏰ alarm_clock|⏱️ stopwatch|⏲️ timer_clock|⌛ hourglass|⏳ hourglass_flowing_sand|🕐 clock1|🕒 clock3|🕘 clock9
🕛 clock12|⌚ watch|📅 date|📆 calendar|🗓️ spiral_calendar_pad|🔔 bell|🔕 no_bell|📣 mega|📢 loudspeaker
🔇 mute|🔈 speaker|🔉 sound|🔊 loud_sound|🔁 repeat|🔄 arrows_counterclockwise|🔃 arrows_clockwise
↩️ leftwards_arrow_with_hook|↪️ arrow_right_hook|➡️ arrow_right|⬅️ arrow_left|⬆️ arrow_up|⬇️ arrow_down
↗️ arrow_upper_right|↘️ arrow_lower_right|🔜 soon|🔙 back|🔝 top|▶️ arrow_forward|⏸️ double_vertical_bar
⏹️ black_square_for_stop|⏭️ black_right_pointing_double_triangle_with_vertical_bar|🔀 twisted_rightwards_arrows
✅ white_check_mark|☑️ ballot_box_with_check|✔️ heavy_check_mark|❌ x|❎ negative_squared_cross_mark
❗ exclamation heavy_exclamation_mark|❕ grey_exclamation|❓ question|❔ grey_question|‼️ bangbang|⁉️ interrobang
⚠️ warning|🚨 rotating_light|🛑 octagonal_sign|⛔ no_entry|🚫 no_entry_sign|🚧 construction|🆘 sos|🆕 new
🆗 ok|🆓 free|♻️ recycle|➕ heavy_plus_sign|➖ heavy_minus_sign|➗ heavy_division_sign|✖️ heavy_multiplication_x
🔴 red_circle|🟠 large_orange_circle|🟡 large_yellow_circle|🟢 large_green_circle|🔵 large_blue_circle
🟣 large_purple_circle|⚫ black_circle|⚪ white_circle|🟥 large_red_square|🟧 large_orange_square
🟨 large_yellow_square|🟩 large_green_square|🟦 large_blue_square|⬛ black_large_square|⬜ white_large_square
🔶 large_orange_diamond|🔷 large_blue_diamond|🔸 small_orange_diamond|🔹 small_blue_diamond|💠 diamond_shape_with_a_dot_inside
ℹ️ information_source|🔍 mag|🔎 mag_right|🔗 link|📎 paperclip|🖇️ linked_paperclips|✂️ scissors
🔒 lock|🔓 unlock|🔑 key|🔐 closed_lock_with_key|🛡️ shield|🔧 wrench|🔨 hammer|🛠️ hammer_and_wrench|⚙️ gear
🧰 toolbox|🧲 magnet|🪄 magic_wand|💡 bulb|🔦 flashlight|🔌 electric_plug|🔋 battery|💻 computer laptop
🖥️ desktop_computer|⌨️ keyboard|🖨️ printer|📱 iphone|☎️ phone telephone|📞 telephone_receiver|📷 camera
📝 memo pencil|✏️ pencil2|🖊️ lower_left_ballpoint_pen|📋 clipboard|📄 page_facing_up|📃 page_with_curl
🧾 receipt|📊 bar_chart|📈 chart_with_upwards_trend chart|📉 chart_with_downwards_trend|📁 file_folder|📂 open_file_folder
🗂️ card_index_dividers|🗃️ card_file_box|🗄️ file_cabinet|🗑️ wastebasket|📚 books|📖 book open_book|🔖 bookmark
💰 moneybag|💵 dollar|💳 credit_card|💸 money_with_wings|🪙 coin|💎 gem|🏦 bank|🧮 abacus
👑 crown|🎓 mortar_board|👔 necktie|👕 shirt tshirt|🎒 school_satchel|🧢 billed_cap|🪪 identification_card
🐛 bug|🐢 turtle|🐇 rabbit2|🦉 owl|🐝 bee honeybee|🦄 unicorn_face|🐙 octopus|🎱 8ball|🩹 adhesive_bandage
📪 mailbox_closed|📡 satellite_antenna|🏚️ derelict_house_building|🈳 u7a7a|📯 postal_horn|🧹 broom|📰 newspaper
🔺 small_red_triangle|🔻 small_red_triangle_down|🎗️ reminder_ribbon|🫶 heart_hands|🥰 smiling_face_with_3_hearts
🤗 hugging_face|😇 innocent|🙃 upside_down_face|😶 no_mouth|🤫 shushing_face|😷 mask|🤕 face_with_head_bandage
🏃 runner running|🚶 walking|🛫 airplane_departure|🛬 airplane_arriving|🚲 bike|🚂 steam_locomotive|🏖️ beach_with_umbrella
🏔️ snow_capped_mountain|🎄 christmas_tree|🎃 jack_o_lantern|🦃 turkey|🐣 hatching_chick|🦔 hedgehog|🐌 snail
🥈 second_place_medal|🥉 third_place_medal|🎮 video_game|🎧 headphones|📺 tv|🧊 ice_cube|🪁 kite
🟤 large_brown_circle|🔘 radio_button|🔲 black_square_button|🔳 white_square_button|🏴 black_flag|🏳️ white_flag
❣️ heavy_heart_exclamation_mark_ornament|💢 anger|💦 sweat_drops|💨 dash|🕸️ spider_web|🧵 thread|🪡 sewing_needle|🧶 yarn
🔮 crystal_ball|🧯 fire_extinguisher|🪝 hook|🧪 test_tube|🔬 microscope|🔭 telescope|🩺 stethoscope|💊 pill|🚑 ambulance
🛟 ring_buoy|⚓ anchor|⛵ boat sailboat|🛰️ satellite|⛄ snowman_without_snow|☔ umbrella_with_rain_drops|🌪️ tornado|🌞 sun_with_face
📇 card_index|📐 triangular_ruler|📏 straight_ruler|🗒️ spiral_note_pad|🗝️ old_key|🧷 safety_pin|🪟 window|🚪 door|🛏️ bed|🛋️ couch_and_lamp
1️⃣ one|2️⃣ two|3️⃣ three|4️⃣ four|5️⃣ five|6️⃣ six|7️⃣ seven|8️⃣ eight|9️⃣ nine|🔟 keycap_ten|0️⃣ zero
`;

const CHARACTERS = new Map();
for (const entry of TABLE.trim().split(/[|\n]/)) {
  const [character, ...names] = entry.trim().split(" ");
  for (const name of names) CHARACTERS.set(name, character);
}

/** The character of a shortcode without its colons, or undefined. */
export const emojiCharacter = (name) => CHARACTERS.get(name);

/** An element for a character; a screen reader hears the name, sighted people see it on hover. */
export function emojiNode(character, name) {
  return h(
    "span",
    { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` },
    character,
  );
}

/** A shortcode that starts at `at` in `text`: {character, name, length}, or null. */
export function shortcodeAt(text, at) {
  const pattern = /:([a-z0-9_+'-]+):(?::?skin-tone-\d:)?/y;
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  const character = found && CHARACTERS.get(found[1]);
  return character ? { character, name: found[1], length: found[0].length } : null;
}

// Characters typed as such get the same element, so that the emoji font is used for them too.
const PICTURES = /\p{Emoji_Presentation}\uFE0F?|\p{Extended_Pictographic}\uFE0F|[0-9#*]\uFE0F?\u20E3/gu;

/** Plain text as nodes: characters that are emoji become elements; with `codes`, shortcodes too. */
export function textNodes(text, codes = false) {
  const source = codes
    ? text.replace(/:([a-z0-9_+'-]+):/g, (all, name) => CHARACTERS.get(name) ?? all)
    : text;
  const nodes = [];
  let from = 0;
  for (const found of source.matchAll(PICTURES)) {
    if (found.index > from) nodes.push(document.createTextNode(source.slice(from, found.index)));
    nodes.push(h("span", { class: "emoji" }, found[0]));
    from = found.index + found[0].length;
  }
  if (from < source.length) nodes.push(document.createTextNode(source.slice(from)));
  return nodes;
}
